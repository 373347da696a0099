//! rayon: `join`, and a `scope` in place of a group.

use crate::measure::{check, timed, Pass};
use rayon::ThreadPoolBuilder;

pub fn run(row: &str) -> Option<Pass> {
    Some(match row {
        "fork-join-1w" => fork_join(1),
        "fork-join-2w" => fork_join(2),
        "group-tree-1w" => group_tree(1),
        "group-tree-2w" => group_tree(2),
        _ => return None,
    })
}

/// Runs `compute` once in vain and once timed, on the workers of a pool.
fn on_workers(workers: usize, items: usize, compute: impl Fn() + Sync) -> Pass {
    let pool = ThreadPoolBuilder::new()
        .num_threads(workers)
        .build()
        .expect("rayon starts its threads");
    let run = || pool.install(&compute);
    run();
    Pass::per_item(timed(run), items)
}

const FIB: u32 = 32;
const FIB_RESULT: usize = 2_178_309;
const FORKS: usize = 3_524_577;

/// What `join` offers to other workers is its second argument.
fn fib(n: u32) -> usize {
    if n < 2 {
        return n as usize;
    }
    let (second, first) = rayon::join(|| fib(n - 2), || fib(n - 1));
    first + second
}

fn fork_join(workers: usize) -> Pass {
    on_workers(workers, FORKS, || check("fib", fib(FIB), FIB_RESULT))
}

const FAN_OUT: usize = 10;
const HEIGHT: u32 = 6;
const TREE_TASKS: usize = 1_111_111;

fn visit(height: u32) -> usize {
    if height == 0 {
        return 1;
    }
    let mut tasks = [0; FAN_OUT];
    rayon::scope(|scope| {
        for child in &mut tasks {
            scope.spawn(move |_| *child = visit(height - 1));
        }
    });
    1 + tasks.iter().sum::<usize>()
}

fn group_tree(workers: usize) -> Pass {
    on_workers(workers, TREE_TASKS, || {
        check("tasks in the tree", visit(HEIGHT), TREE_TASKS)
    })
}
