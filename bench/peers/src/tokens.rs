//! The jobserver crate, which cargo and rustc use.

use crate::measure::{timed, Pass, StartingLine};
use jobserver::Client;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const TOKENS: usize = 3;
const PAIRS: usize = 300_000;
const THREADS: usize = 8;

pub fn run(row: &str) -> Option<Pass> {
    Some(match row {
        "tokens-1t" => one_thread(),
        "tokens-8t" => contended(),
        _ => return None,
    })
}

fn one_thread() -> Pass {
    let client = Client::new(TOKENS).expect("a jobserver");
    let pass = |pairs: usize| {
        timed(|| {
            for _ in 0..pairs {
                drop(client.acquire().expect("a token"));
            }
        })
    };
    pass(PAIRS / 4);
    Pass::per_item(pass(PAIRS), PAIRS)
}

fn contended() -> Pass {
    let client = Client::new(TOKENS).expect("a jobserver");
    let line = StartingLine::new();
    let now = AtomicUsize::new(0);
    let most = AtomicUsize::new(0);
    let each = PAIRS / 4 / THREADS;
    let elapsed = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    line.wait();
                    for _ in 0..each {
                        let token = client.acquire().expect("a token");
                        let held = now.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(held, Ordering::SeqCst);
                        now.fetch_sub(1, Ordering::SeqCst);
                        drop(token);
                    }
                })
            })
            .collect();
        let start = line.start(THREADS);
        for thread in threads {
            thread.join().expect("the thread ends");
        }
        start.elapsed()
    });
    assert!(most.load(Ordering::SeqCst) <= TOKENS);
    Pass::per_item(elapsed, each * THREADS)
}
