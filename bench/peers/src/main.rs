//! One pass of one row by one Rust peer: `rust-peers PEER ROW`, with PEER crossbeam, rayon or jobserver and ROW
//! a name of bench/rows.txt, followed by /VARIANT where the peer has several ways to do the row.
//!
//! Prints `value X` (in the row's unit) and, where the row has one, `p99 X`. The workloads are those
//! of queue_rows.h, message_rows.h, pool_rows.h, structured_rows.h and token_rows.h, step by step: a change there
//! is a change here.

mod measure;
mod messages;
mod pools;
mod queues;
mod structured;
mod tokens;

use measure::Pass;

fn run(peer: &str, row: &str) -> Option<Pass> {
    match peer {
        "crossbeam" => queues::run(row).or_else(|| messages::run(row)),
        "rayon" => structured::run(row).or_else(|| pools::run(row)),
        "jobserver" => tokens::run(row),
        _ => None,
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let pass = match arguments.as_slice() {
        [peer, row] => run(peer, row),
        _ => None,
    };
    match pass {
        Some(pass) => pass.print(),
        None => {
            eprintln!(
                "rust-peers: no such row: {:?}; expected crossbeam, rayon or jobserver and a row of bench/rows.txt that it has",
                arguments.join(" ")
            );
            std::process::exit(2);
        }
    }
}
