//! crossbeam-deque: Worker, Stealer and Injector, elements of 8 bytes.

use crate::measure::{check, sum_to, timed, Pass, StartingLine};
use crossbeam_deque::{Injector, Steal, Worker};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const ALTERNATING_PAIRS: usize = 20_000_000;
const BURST: usize = 1000;
const BURSTS: usize = 20_000;
const THIEF_ITEMS: usize = 10_000_000;
const INJECTED: usize = 4_000_000;
/// How often in a row a take that lost a race is repeated before the thread yields.
const RETRIES: u32 = 64;

pub fn run(row: &str) -> Option<Pass> {
    Some(match row {
        "deque-alt-lifo" => alternating(Worker::new_lifo()),
        "deque-alt-fifo" => alternating(Worker::new_fifo()),
        "deque-1000" => bursts(),
        "deque-selfsteal" => self_steal(),
        "deque-thief-all" => thief_takes_all(),
        "injector-1p1c" => injector(1),
        "injector-2p2c" => injector(2),
        _ => return None,
    })
}

fn alternating(deque: Worker<usize>) -> Pass {
    let pass = |pairs: usize| {
        let mut sum = 0usize;
        let elapsed = timed(|| {
            for i in 0..pairs {
                deque.push(i);
                sum = sum.wrapping_add(deque.pop().expect("the deque holds what was pushed"));
            }
        });
        check("deque-alt", sum, sum_to(pairs));
        elapsed
    };
    pass(ALTERNATING_PAIRS / 10);
    Pass::per_item(pass(ALTERNATING_PAIRS), ALTERNATING_PAIRS)
}

fn bursts() -> Pass {
    let deque = Worker::new_lifo();
    let pass = |rounds: usize| {
        let mut sum = 0usize;
        let elapsed = timed(|| {
            for _ in 0..rounds {
                for i in 0..BURST {
                    deque.push(i);
                }
                for _ in 0..BURST {
                    sum += deque.pop().expect("the deque holds what was pushed");
                }
            }
        });
        check("deque-1000", sum, rounds * sum_to(BURST));
        elapsed
    };
    pass(BURSTS / 10);
    Pass::per_item(pass(BURSTS), BURSTS * BURST)
}

fn self_steal() -> Pass {
    let deque = Worker::new_lifo();
    let stealer = deque.stealer();
    let pass = |rounds: usize| {
        let mut sum = 0usize;
        let elapsed = timed(|| {
            for _ in 0..rounds {
                for i in 0..BURST {
                    deque.push(i);
                }
                for _ in 0..BURST {
                    sum += stealer
                        .steal()
                        .success()
                        .expect("the deque holds what was pushed");
                }
            }
        });
        check("deque-selfsteal", sum, rounds * sum_to(BURST));
        elapsed
    };
    pass(BURSTS / 10);
    Pass::per_item(pass(BURSTS), BURSTS * BURST)
}

fn thief_takes_all() -> Pass {
    let deque = Worker::new_fifo();
    let pass = |items: usize| {
        let stealer = deque.stealer();
        let line = StartingLine::new();
        let mut sum = 0usize;
        let elapsed = thread::scope(|scope| {
            let thief = scope.spawn(|| {
                let local = Worker::new_fifo();
                let (mut sum, mut taken, mut lost) = (0usize, 0usize, 0);
                line.wait();
                while taken < items {
                    match stealer.steal_batch_and_pop(&local) {
                        Steal::Success(item) => {
                            lost = 0;
                            sum = sum.wrapping_add(item);
                            taken += 1;
                            while let Some(item) = local.pop() {
                                sum = sum.wrapping_add(item);
                                taken += 1;
                            }
                        }
                        Steal::Empty => thread::yield_now(),
                        Steal::Retry => retry(&mut lost),
                    }
                }
                sum
            });
            let start = line.start(1);
            for i in 0..items {
                deque.push(i);
            }
            sum = thief.join().expect("the thief ends");
            start.elapsed()
        });
        check("deque-thief-all", sum, sum_to(items));
        elapsed
    };
    pass(THIEF_ITEMS / 10);
    Pass::per_item(pass(THIEF_ITEMS), THIEF_ITEMS)
}

fn injector(pairs: usize) -> Pass {
    let queue = Injector::new();
    let pass = |items: usize| {
        let each = items / pairs;
        let line = StartingLine::new();
        let producing = AtomicUsize::new(pairs);
        let mut sum = 0usize;
        let elapsed = thread::scope(|scope| {
            let mut consumers = Vec::new();
            for _ in 0..pairs {
                scope.spawn(|| {
                    line.wait();
                    for i in 0..each {
                        queue.push(i);
                    }
                    producing.fetch_sub(1, Ordering::Release);
                });
                consumers.push(scope.spawn(|| {
                    line.wait();
                    consume(&queue, &producing)
                }));
            }
            let start = line.start(2 * pairs);
            for consumer in consumers {
                sum = sum.wrapping_add(consumer.join().expect("the consumer ends"));
            }
            start.elapsed()
        });
        check("injector", sum, pairs * sum_to(each));
        elapsed
    };
    pass(INJECTED / 4);
    Pass::per_item(pass(INJECTED), INJECTED)
}

/// Takes until the queue is empty and no producer is left. "Over" is looked at only when the queue was
/// found empty, and then the queue is looked at once more, since the last item may have come in between.
fn consume(queue: &Injector<usize>, producing: &AtomicUsize) -> usize {
    let (mut sum, mut lost, mut over) = (0usize, 0, false);
    loop {
        match queue.steal() {
            Steal::Success(item) => {
                lost = 0;
                sum = sum.wrapping_add(item);
            }
            Steal::Retry => retry(&mut lost),
            Steal::Empty => {
                if over {
                    return sum;
                }
                over = producing.load(Ordering::Acquire) == 0;
                if !over {
                    thread::yield_now();
                }
            }
        }
    }
}

fn retry(lost: &mut u32) {
    *lost += 1;
    if *lost == RETRIES {
        *lost = 0;
        thread::yield_now();
    }
}
