//! rayon: a pool of two threads, fed from outside by `spawn` or by an `in_place_scope`.

use crate::measure::{process_cpu, resident_bytes, timed, Latch, Pass};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const WORKERS: usize = 2;
const SUBMITTED: usize = 1_000_000;
const WAKES: usize = 500;
const IDLE_TASKS: usize = 1000;
const IDLE: Duration = Duration::from_secs(5);

pub fn run(row: &str) -> Option<Pass> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(WORKERS)
        .build()
        .expect("rayon starts two threads");
    Some(match row {
        "submit-1m/spawn" => submit(&pool, spawn_all),
        "submit-1m/scope" => submit(&pool, scope_all),
        "wake" => wake(&pool),
        "idle" => idle(&pool),
        "queued-bytes/spawn" => queued_bytes_spawn(&pool),
        "queued-bytes/scope" => queued_bytes_scope(&pool),
        _ => return None,
    })
}

/// Tasks of `spawn_all` that have not run. A static, so that an empty task captures nothing.
static LEFT: AtomicUsize = AtomicUsize::new(0);
static ALL_RUN: Latch = Latch::new();

fn spawn_all(pool: &ThreadPool, tasks: usize) {
    LEFT.store(tasks, Ordering::Relaxed);
    for _ in 0..tasks {
        spawn_counted(pool);
    }
    ALL_RUN.wait();
    ALL_RUN.reset();
}

fn spawn_counted(pool: &ThreadPool) {
    pool.spawn(|| {
        if LEFT.fetch_sub(1, Ordering::AcqRel) == 1 {
            ALL_RUN.set();
        }
    });
}

fn scope_all(pool: &ThreadPool, tasks: usize) {
    pool.in_place_scope(|scope| {
        for _ in 0..tasks {
            scope.spawn(|_| {});
        }
    });
}

fn submit(pool: &ThreadPool, all: fn(&ThreadPool, usize)) -> Pass {
    all(pool, SUBMITTED);
    Pass::per_item(timed(|| all(pool, SUBMITTED)), SUBMITTED)
}

fn wake(pool: &ThreadPool) -> Pass {
    static STARTED: AtomicU64 = AtomicU64::new(0);
    let origin = Instant::now();
    spawn_all(pool, IDLE_TASKS);
    let mut latencies = Vec::with_capacity(WAKES);
    for _ in 0..WAKES {
        thread::sleep(Duration::from_millis(1));
        STARTED.store(0, Ordering::Relaxed);
        let submitted = origin.elapsed().as_nanos() as u64;
        pool.spawn(move || STARTED.store(origin.elapsed().as_nanos() as u64, Ordering::Release));
        let started = loop {
            thread::sleep(Duration::from_millis(1));
            match STARTED.load(Ordering::Acquire) {
                0 => continue,
                started => break started,
            }
        };
        latencies.push(started - submitted);
    }
    Pass::latencies(latencies)
}

fn idle(pool: &ThreadPool) -> Pass {
    spawn_all(pool, IDLE_TASKS);
    let before = process_cpu();
    thread::sleep(IDLE);
    Pass::new((process_cpu() - before).as_secs_f64() * 1e3)
}

static HELD: AtomicUsize = AtomicUsize::new(0);
static GATE: Latch = Latch::new();

fn hold() {
    HELD.fetch_add(1, Ordering::Release);
    GATE.wait();
}

fn wait_until_held() {
    while HELD.load(Ordering::Acquire) < WORKERS {
        thread::sleep(Duration::from_millis(1));
    }
}

fn queued_bytes_spawn(pool: &ThreadPool) -> Pass {
    for _ in 0..WORKERS {
        pool.spawn(hold);
    }
    wait_until_held();
    LEFT.store(SUBMITTED, Ordering::Relaxed);
    let before = resident_bytes();
    for _ in 0..SUBMITTED {
        spawn_counted(pool);
    }
    let after = resident_bytes();
    GATE.set();
    ALL_RUN.wait();
    Pass::new(after.saturating_sub(before) as f64 / SUBMITTED as f64)
}

fn queued_bytes_scope(pool: &ThreadPool) -> Pass {
    let mut bytes = 0;
    pool.in_place_scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|_| hold());
        }
        wait_until_held();
        let before = resident_bytes();
        for _ in 0..SUBMITTED {
            scope.spawn(|_| {});
        }
        bytes = resident_bytes().saturating_sub(before);
        GATE.set();
    });
    Pass::new(bytes as f64 / SUBMITTED as f64)
}
