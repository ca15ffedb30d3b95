//! The same work for each of many items, in several threads.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does `work` for each item; results are in the items' order. `done` is called from the caller's
/// thread with each result as it comes, in any order; when it breaks off, no further item is begun
/// and there is no result.
pub(super) fn each<I: Sync, T: Send>(
    items: &[I],
    workers: usize,
    work: impl Fn(&I) -> T + Sync,
    mut done: impl FnMut(&T) -> ControlFlow<()>,
) -> Option<Vec<T>> {
    if workers.min(items.len()) < 2 {
        let mut results = Vec::with_capacity(items.len());
        for item in items {
            let result = work(item);
            if done(&result).is_break() {
                return None;
            }
            results.push(result);
        }
        return Some(results);
    }
    let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    let (work, next, stopped) = (&work, &next, &stopped);
    let run = |sender: mpsc::Sender<(usize, T)>| {
        while !stopped.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            if sender.send((index, work(item))).is_err() {
                break;
            }
        }
    };
    let mut results: Vec<Option<T>> = items.iter().map(|_| None).collect();
    thread::scope(|scope| {
        let run = &run;
        let begun = (0..workers.min(items.len())).filter(|_| {
            let sender = sender.clone();
            // A machine that has no thread to spare does with fewer.
            thread::Builder::new().spawn_scoped(scope, move || run(sender)).is_ok()
        });
        if begun.count() == 0 {
            run(sender.clone());
        }
        drop(sender);
        for (index, result) in receiver {
            if done(&result).is_break() {
                stopped.store(true, Ordering::Relaxed);
            }
            results[index] = Some(result);
        }
    });
    if stopped.load(Ordering::Relaxed) { None } else { results.into_iter().collect() }
}
