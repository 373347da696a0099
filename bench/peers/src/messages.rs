//! crossbeam-channel and, where nobody waits, crossbeam-queue's ArrayQueue; elements of 8 bytes.

use crate::measure::{check, sum_to, Pass, StartingLine};
use crossbeam_channel::{bounded, Receiver, Sender};
use crossbeam_queue::ArrayQueue;
use std::thread;

const MESSAGES: usize = 4_000_000;
const BOUND: usize = 1024;

pub fn run(row: &str) -> Option<Pass> {
    Some(match row {
        "blocking-1p1c" => messages(&Channel::new(), 1),
        "blocking-2p2c" => messages(&Channel::new(), 2),
        "bounded-1p1c" => messages(&ArrayQueue::new(BOUND), 1),
        "bounded-2p2c" => messages(&ArrayQueue::new(BOUND), 2),
        _ => return None,
    })
}

trait Queue: Sync {
    fn push(&self, item: usize);
    fn pop(&self) -> usize;
    fn is_empty(&self) -> bool;
}

struct Channel {
    sender: Sender<usize>,
    receiver: Receiver<usize>,
}

impl Channel {
    fn new() -> Self {
        let (sender, receiver) = bounded(BOUND);
        Channel { sender, receiver }
    }
}

impl Queue for Channel {
    fn push(&self, item: usize) {
        self.sender.send(item).expect("the receiver is there");
    }
    fn pop(&self) -> usize {
        self.receiver.recv().expect("the sender is there")
    }
    fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }
}

impl Queue for ArrayQueue<usize> {
    fn push(&self, item: usize) {
        while ArrayQueue::push(self, item).is_err() {
            thread::yield_now();
        }
    }
    fn pop(&self) -> usize {
        loop {
            if let Some(item) = ArrayQueue::pop(self) {
                return item;
            }
            thread::yield_now();
        }
    }
    fn is_empty(&self) -> bool {
        ArrayQueue::is_empty(self)
    }
}

/// Each consumer takes as many as each producer gives.
fn messages<Q: Queue>(queue: &Q, pairs: usize) -> Pass {
    let pass = |items: usize| {
        let each = items / pairs;
        let line = StartingLine::new();
        let mut sum = 0usize;
        let elapsed = thread::scope(|scope| {
            let mut producers = Vec::new();
            let mut consumers = Vec::new();
            for _ in 0..pairs {
                producers.push(scope.spawn(|| {
                    line.wait();
                    for i in 0..each {
                        queue.push(i);
                    }
                }));
                consumers.push(scope.spawn(|| {
                    line.wait();
                    (0..each).fold(0usize, |sum, _| sum.wrapping_add(queue.pop()))
                }));
            }
            let start = line.start(2 * pairs);
            for producer in producers {
                producer.join().expect("the producer ends");
            }
            for consumer in consumers {
                sum = sum.wrapping_add(consumer.join().expect("the consumer ends"));
            }
            start.elapsed()
        });
        check("messages", sum, pairs * sum_to(each));
        check("messages left", usize::from(!queue.is_empty()), 0);
        elapsed
    };
    pass(MESSAGES / 4);
    Pass::per_item(pass(MESSAGES), MESSAGES)
}
