//! What many ask for at the same moment, read once. Whoever asks while a read is under way waits for
//! the next one: nobody is answered with what was read before they asked.

use makegood_domain::{Code, Problem};
use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot;

type Answer<V> = oneshot::Sender<Result<V, Problem>>;

/// Reads of one kind.
pub(crate) struct Gathered<K, V>(Arc<Mutex<Asked<K, V>>>);

struct Asked<K, V> {
    waiting: BTreeMap<K, Vec<Answer<V>>>,
    reading: bool,
}

impl<K, V> fmt::Debug for Gathered<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").finish_non_exhaustive()
    }
}

impl<K, V> Default for Gathered<K, V> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Asked { waiting: BTreeMap::new(), reading: false })))
    }
}

impl<K, V> Gathered<K, V>
where
    K: Ord + Clone + Send + 'static,
    V: Clone + Send + 'static,
{
    /// What stands under `key`, by a read that begins after this call. `read` is given every key that
    /// somebody waits for.
    ///
    /// # Errors
    /// What the read ends with; [`Code::Internal`] when it breaks off or leaves the key out.
    pub(crate) async fn get<R, F>(&self, key: K, read: R) -> Result<V, Problem>
    where
        R: Fn(Vec<K>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<BTreeMap<K, V>, Problem>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        if self.ask(key, answer) {
            // By itself: whoever asked first may go away while the others wait.
            tokio::spawn(read_all(Turn { asked: Arc::clone(&self.0), over: false }, read));
        }
        answered.await.unwrap_or_else(|_| Err(broken_off()))
    }

    /// Whether nobody reads yet.
    fn ask(&self, key: K, answer: Answer<V>) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.waiting.entry(key).or_default().push(answer);
        !std::mem::replace(&mut asked.reading, true)
    }
}

/// The one who reads. Should it break off, whoever waits is told so, and the next one reads.
struct Turn<K, V> {
    asked: Arc<Mutex<Asked<K, V>>>,
    over: bool,
}

impl<K, V> Turn<K, V> {
    /// Who waits; with nobody left, the turn is over.
    fn take(&mut self) -> BTreeMap<K, Vec<Answer<V>>>
    where
        K: Ord,
    {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        self.over = asked.waiting.is_empty();
        asked.reading = !self.over;
        std::mem::take(&mut asked.waiting)
    }
}

impl<K, V> Drop for Turn<K, V> {
    fn drop(&mut self) {
        if !self.over {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.reading = false;
            asked.waiting.clear();
        }
    }
}

async fn read_all<K, V, R, F>(mut turn: Turn<K, V>, read: R)
where
    K: Ord + Clone,
    V: Clone,
    R: Fn(Vec<K>) -> F,
    F: Future<Output = Result<BTreeMap<K, V>, Problem>>,
{
    loop {
        let waiting = turn.take();
        if waiting.is_empty() {
            return;
        }
        let found = read(waiting.keys().cloned().collect()).await;
        for (key, answers) in waiting {
            let value = match &found {
                Ok(found) => found.get(&key).cloned().ok_or_else(broken_off),
                Err(problem) => Err(problem.clone()),
            };
            for answer in answers {
                // Who went away wants no answer.
                let _ = answer.send(value.clone());
            }
        }
    }
}

fn broken_off() -> Problem {
    Problem::new(Code::Internal, "a read that was shared broke off; ask again")
}

#[cfg(test)]
mod tests {
    use super::Gathered;
    use makegood_domain::{Code, Problem};
    use std::{
        collections::BTreeMap,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };
    use tokio::sync::Semaphore;

    type Reading =
        std::pin::Pin<Box<dyn Future<Output = Result<BTreeMap<u8, usize>, Problem>> + Send>>;

    /// Reads how often there was a read before, and lets each go on by a permit.
    fn counting(
        reads: &Arc<AtomicUsize>,
        gate: &Arc<Semaphore>,
    ) -> impl Fn(Vec<u8>) -> Reading + Send + Sync + 'static {
        let (reads, gate) = (Arc::clone(reads), Arc::clone(gate));
        move |keys| {
            let at = reads.fetch_add(1, Ordering::SeqCst);
            let gate = Arc::clone(&gate);
            Box::pin(async move {
                gate.acquire().await.unwrap().forget();
                Ok(keys.into_iter().map(|key| (key, at)).collect())
            })
        }
    }

    #[tokio::test]
    async fn who_asks_during_a_read_is_answered_by_the_next_and_all_of_them_by_one() {
        let gathered = Arc::new(Gathered::<u8, usize>::default());
        let (reads, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let ask = |key| {
            let (gathered, read) = (Arc::clone(&gathered), counting(&reads, &gate));
            tokio::spawn(async move { gathered.get(key, read).await })
        };
        let first = ask(1);
        while reads.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let later: Vec<_> = [1, 2, 1, 3].into_iter().map(ask).collect();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(2);
        assert_eq!(first.await.unwrap(), Ok(0));
        for one in later {
            assert_eq!(one.await.unwrap(), Ok(1), "by the read that began after it asked");
        }
        assert_eq!(reads.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_read_that_fails_or_breaks_off_is_told_and_the_next_one_reads() {
        let gathered = Gathered::<u8, usize>::default();
        let failed = gathered
            .get(1, |_| async { Err(Problem::new(Code::Database, "the database is away")) })
            .await;
        assert_eq!(failed.unwrap_err().code, Code::Database);
        let broke = gathered.get(1, |_| async { panic!("breaks off") }).await;
        assert_eq!(broke.unwrap_err().code, Code::Internal);
        let found =
            gathered.get(1, |keys| async { Ok(keys.into_iter().map(|k| (k, 7)).collect()) });
        assert_eq!(found.await, Ok(7));
    }

    #[tokio::test]
    async fn who_asked_first_may_go_away() {
        let gathered = Arc::new(Gathered::<u8, usize>::default());
        let (reads, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let first = {
            let (gathered, read) = (Arc::clone(&gathered), counting(&reads, &gate));
            tokio::spawn(async move { gathered.get(1, read).await })
        };
        while reads.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        first.abort();
        gate.add_permits(2);
        let second = gathered.get(1, counting(&reads, &gate)).await;
        assert_eq!(second, Ok(1));
    }
}
