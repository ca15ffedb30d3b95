//! Questions of the mirror, and several of them at once: SQLite has a thread of its own, and waiting for it
//! costs more than most answers. What does not rest on another answer is asked with it.

use crate::{
    read::{Reader, Versioned},
    replica::Place,
};
use makegood_domain::{Code, Problem, row::Row};
use serde::de::DeserializeOwned;
use sqlx::AssertSqlSafe;
use std::fmt::Write as _;

/// A question that answers with a `T`.
pub(crate) struct Question<T> {
    /// A whole statement whose one column, `one`, is JSON.
    rows: String,
    binds: Vec<String>,
    read: Read<T>,
}

/// Reads an answer: its rows, a line each.
type Read<T> = Box<dyn FnOnce(&Place, &str) -> Result<T, Problem> + Send>;

impl<T: 'static> Question<T> {
    /// The same question, whose answer is made into something else.
    pub(crate) fn map<U>(self, into: impl FnOnce(T) -> U + Send + 'static) -> Question<U> {
        let Self { rows, binds, read } = self;
        Question { rows, binds, read: Box::new(|place, text| read(place, text).map(into)) }
    }
}

/// Entities by what follows `from` in SQL; `binds` are its `$1`, `$2`, ….
pub(crate) fn list<T: Row>(tail: &str, binds: &[&str]) -> Question<Vec<Versioned<T>>> {
    let table = T::ENTITY.as_str();
    let rows = format!("select '[' || version || ',' || body || ']' as one from {table} {tail}");
    question(rows, binds, |place, text| {
        let rows = values(place, text, T::ENTITY.as_str())?.into_iter();
        Ok(rows.map(|(version, row)| Versioned { version, row }).collect())
    })
}

/// As much of bodies as `T` has, by a whole statement that asks for `body`: lists read no more than
/// they show.
pub(crate) fn parts<T: DeserializeOwned>(sql: &str, binds: &[&str]) -> Question<Vec<T>> {
    let rows = format!("select body as one from ({sql})");
    question(rows, binds, |place, text| values(place, text, "row"))
}

/// Rows of `N` cells as text (NULL as empty), by a whole statement.
pub(crate) fn texts<const N: usize>(sql: &str, binds: &[&str]) -> Question<Vec<[String; N]>> {
    let list = |of: fn(usize) -> String| (0..N).map(of).collect::<Vec<_>>().join(", ");
    let names = list(|at| format!("c{at}"));
    let cells = list(|at| format!("coalesce('' || c{at}, '')"));
    let rows =
        format!("with cells({names}) as ({sql}) select json_array({cells}) as one from cells");
    question(rows, binds, |place, text| {
        values::<Vec<String>>(place, text, "row")?.into_iter().map(exactly).collect()
    })
}

/// A number for each of some whole statements, all of which see the same binds.
pub(crate) fn numbers<const N: usize>(each: [&str; N], binds: &[&str]) -> Question<[i64; N]> {
    let rows = format!("select json_array(({})) as one", each.join("), ("));
    question(rows, binds, |place, text| {
        exactly(values::<Vec<i64>>(place, text, "row")?.into_iter().flatten().collect())
    })
}

/// How many, by a whole statement that counts.
pub(crate) fn count(sql: &str, binds: &[&str]) -> Question<usize> {
    numbers([sql], binds).map(|[number]| usize::try_from(number).unwrap_or(0))
}

fn question<T>(
    rows: String,
    binds: &[&str],
    read: impl FnOnce(&Place, &str) -> Result<T, Problem> + Send + 'static,
) -> Question<T> {
    let binds = binds.iter().map(|&bind| bind.to_owned()).collect();
    Question { rows, binds, read: Box::new(read) }
}

/// An answer's rows.
fn values<T: DeserializeOwned>(place: &Place, text: &str, what: &str) -> Result<Vec<T>, Problem> {
    let values = serde_json::Deserializer::from_str(text).into_iter();
    values.map(|value| value.map_err(|error| place.unread(what, &error))).collect()
}

fn exactly<T, const N: usize>(cells: Vec<T>) -> Result<[T; N], Problem> {
    let other = |cells: Vec<T>| {
        Problem::new(Code::Internal, format!("{} cells of a row of {N}", cells.len()))
    };
    cells.try_into().map_err(other)
}

/// Some questions, asked at once.
#[derive(Default)]
pub(crate) struct Batch {
    sql: String,
    binds: Vec<String>,
}

impl Batch {
    /// Each answer comes over as one text: a row by itself would have the thread that reads it wait for
    /// SQLite's, and costs more than its reading. Places of binds count through all questions.
    fn add<T>(&mut self, question: &Question<T>) {
        self.sql.push_str("select group_concat(one, char(10)) from (");
        let mut pieces = question.rows.split('$');
        self.sql.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = piece.split_at(digits);
            self.sql.push('$');
            if let Ok(number) = number.parse::<usize>() {
                let _ = write!(self.sql, "{}", number + self.binds.len());
            }
            self.sql.push_str(rest);
        }
        self.sql.push_str(");");
        self.binds.extend(question.binds.iter().cloned());
    }
}

/// A question, or several.
pub(crate) trait Questions {
    /// What they answer with.
    type Answers;

    /// Adds them.
    fn put(&self, batch: &mut Batch);

    /// Reads the answers of all, in their order.
    fn read(
        self,
        place: &Place,
        answers: &mut impl Iterator<Item = String>,
    ) -> Result<Self::Answers, Problem>;

    /// The same questions, whose answers are made into something else.
    fn then<U, F: FnOnce(Self::Answers) -> U>(self, into: F) -> Then<Self, F>
    where
        Self: Sized,
    {
        Then { questions: self, into }
    }
}

/// Questions, and what their answers are made into.
pub(crate) struct Then<Q, F> {
    questions: Q,
    into: F,
}

impl<Q: Questions, U, F: FnOnce(Q::Answers) -> U> Questions for Then<Q, F> {
    type Answers = U;

    fn put(&self, batch: &mut Batch) {
        self.questions.put(batch);
    }

    fn read(self, place: &Place, answers: &mut impl Iterator<Item = String>) -> Result<U, Problem> {
        self.questions.read(place, answers).map(self.into)
    }
}

impl<T> Questions for Question<T> {
    type Answers = T;

    fn put(&self, batch: &mut Batch) {
        batch.add(self);
    }

    fn read(self, place: &Place, answers: &mut impl Iterator<Item = String>) -> Result<T, Problem> {
        let text = answers.next();
        let text =
            text.ok_or_else(|| Problem::new(Code::Internal, "a question without an answer"))?;
        (self.read)(place, &text)
    }
}

/// What need not be asked.
impl<Q: Questions> Questions for Option<Q> {
    type Answers = Option<Q::Answers>;

    fn put(&self, batch: &mut Batch) {
        if let Some(questions) = self {
            questions.put(batch);
        }
    }

    fn read(
        self,
        place: &Place,
        answers: &mut impl Iterator<Item = String>,
    ) -> Result<Self::Answers, Problem> {
        self.map(|questions| questions.read(place, answers)).transpose()
    }
}

macro_rules! together {
    ($($name:ident)+) => {
        impl<$($name: Questions),+> Questions for ($($name,)+) {
            type Answers = ($($name::Answers,)+);

            fn put(&self, batch: &mut Batch) {
                #[allow(non_snake_case, reason = "each is named as its type")]
                let ($($name,)+) = self;
                $($name.put(batch);)+
            }

            fn read(
                self,
                place: &Place,
                answers: &mut impl Iterator<Item = String>,
            ) -> Result<Self::Answers, Problem> {
                #[allow(non_snake_case, reason = "each is named as its type")]
                let ($($name,)+) = self;
                Ok(($($name.read(place, answers)?,)+))
            }
        }
    };
}

together!(A B);
together!(A B C);
together!(A B C D);
together!(A B C D E);

impl Reader {
    /// Asks, and waits once.
    ///
    /// # Errors
    /// [`Code::Database`]; [`Code::MirrorDamaged`] for what can't be read.
    pub(crate) async fn ask<Q: Questions>(&mut self, questions: Q) -> Result<Q::Answers, Problem> {
        let mut batch = Batch::default();
        questions.put(&mut batch);
        let mut found: Vec<Option<String>> = Vec::new();
        if !batch.sql.is_empty() {
            let mut query = sqlx::query_scalar(AssertSqlSafe(batch.sql));
            for bind in batch.binds {
                query = query.bind(bind);
            }
            let answered = query.fetch_all(self.connection()).await;
            found = answered.map_err(|error| self.refused(&error))?;
        }
        questions.read(self.place(), &mut found.into_iter().map(Option::unwrap_or_default))
    }
}
