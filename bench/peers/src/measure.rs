//! What the rows share: the result of a pass, its checks, and the process's own figures.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// The result of one pass.
pub struct Pass {
    value: f64,
    p99: Option<f64>,
}

impl Pass {
    pub fn new(value: f64) -> Self {
        Pass { value, p99: None }
    }

    /// Nanoseconds per item.
    pub fn per_item(elapsed: Duration, items: usize) -> Self {
        Pass::new(elapsed.as_secs_f64() * 1e9 / items as f64)
    }

    /// Median and 99th percentile of latencies, in microseconds.
    pub fn latencies(mut ns: Vec<u64>) -> Self {
        ns.sort_unstable();
        Pass {
            value: ns[ns.len() / 2] as f64 / 1e3,
            p99: Some(ns[ns.len() * 99 / 100] as f64 / 1e3),
        }
    }

    pub fn print(&self) {
        println!("value {:.6}", self.value);
        if let Some(p99) = self.p99 {
            println!("p99 {:.6}", p99);
        }
    }
}

/// Runs `body` and says how long it took.
pub fn timed(body: impl FnOnce()) -> Duration {
    let start = Instant::now();
    body();
    start.elapsed()
}

/// Blocks those who wait until it is set, and stays set until it is reset.
pub struct Latch {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Latch {
    pub const fn new() -> Self {
        Latch {
            set: Mutex::new(false),
            changed: Condvar::new(),
        }
    }

    pub fn set(&self) {
        *self.set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    pub fn reset(&self) {
        *self.set.lock().unwrap() = false;
    }

    pub fn wait(&self) {
        let mut set = self.set.lock().unwrap();
        while !*set {
            set = self.changed.wait(set).unwrap();
        }
    }
}

/// Holds threads back until all of them are there, so that the clock starts with the work.
pub struct StartingLine {
    there: AtomicUsize,
    go: Latch,
}

impl StartingLine {
    pub fn new() -> Self {
        StartingLine {
            there: AtomicUsize::new(0),
            go: Latch::new(),
        }
    }

    /// Called by each thread that works.
    pub fn wait(&self) {
        self.there.fetch_add(1, Ordering::Release);
        self.go.wait();
    }

    /// Called by the one that measures: lets `threads` threads go, and says when it did.
    pub fn start(&self, threads: usize) -> Instant {
        while self.there.load(Ordering::Acquire) < threads {
            thread::yield_now();
        }
        let start = Instant::now();
        self.go.set();
        start
    }
}

/// The sum of 0..n, what the items of one producer add up to.
pub fn sum_to(n: usize) -> usize {
    n * (n - 1) / 2
}

/// Ends the process if what came through is not what went in.
pub fn check(what: &str, got: usize, expected: usize) {
    if got != expected {
        eprintln!(
            "rust-peers: {}: checksum {} where {} was expected",
            what, got, expected
        );
        std::process::exit(1);
    }
}

/// Resident bytes of the process. smaps_rollup counts page tables; the counters behind statm lag.
pub fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").expect("/proc/self/smaps_rollup");
    let line = text
        .lines()
        .find(|line| line.starts_with("Rss:"))
        .expect("no Rss line");
    let kib = line
        .split_whitespace()
        .nth(1)
        .expect("no figure in the Rss line");
    kib.parse::<usize>().expect("the Rss figure is no number") * 1024
}

/// CPU time of the process so far, of all its threads.
pub fn process_cpu() -> Duration {
    let mut time = Timespec {
        seconds: 0,
        nanoseconds: 0,
    };
    // SAFETY: the structure is the one that 64-bit Linux defines, and it outlives the call.
    let failed = unsafe { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(failed, 0);
    Duration::new(time.seconds as u64, time.nanoseconds as u32)
}

const CLOCK_PROCESS_CPUTIME_ID: i32 = 2;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}
