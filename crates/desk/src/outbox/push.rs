//! Sending what is due. A letter that central refuses as a whole is halved until what is in its way
//! stands alone: one decision keeps neither the others nor what is new.

use super::{letter::Letter, order::Order};
use crate::{event::Event, seat::Inside};
use makegood_domain::{
    Code, Problem,
    command::{Answer, Command, Outcome},
    person::Actor,
    policy::token_carries,
};

/// After so many that central failed over, one after the other, it is central that fails.
const IN_A_ROW: u32 = 10;

/// Sends what is due, letter by letter. What central fails over stays sent, to be tried again, and with
/// it what was decided later about the same thing.
///
/// # Errors
/// The first of what spoke against any of it; the rest has left all the same, unless the wire, the
/// session or central as a whole is at fault.
pub(crate) async fn push(inside: &Inside) -> Result<(), Problem> {
    let (mut round, actor) = (Round::default(), inside.actor());
    let mut after = 0;
    loop {
        let Letter { commands, until } = inside.outbox.due(after).await?;
        if commands.is_empty() {
            return round.first.map_or(Ok(()), Err);
        }
        after = until;
        let mut parts = vec![commands];
        while let Some(mut part) = parts.pop() {
            part.retain(|command| round.may_leave(command, &actor));
            let part = inside.outbox.sending(part).await?;
            if let Some(half) = round.send(inside, part).await? {
                parts.extend(half);
            }
        }
    }
}

/// What central said of a letter that it did not answer.
enum Refusal {
    /// It can't be taken, now or later.
    ForGood,
    /// It may be taken later.
    ForNow,
    /// Nothing would be: the wire, the session, or central is busy or of another version.
    OfAll,
}

impl Refusal {
    fn of(problem: &Problem) -> Self {
        match problem.code {
            Code::TooLarge | Code::TextInvalid => Self::ForGood,
            // Without a place in the letter it is one that broke off.
            Code::Invalid if problem.path.is_some() => Self::ForGood,
            Code::Invalid
            | Code::Internal
            | Code::Database
            | Code::DiskFull
            | Code::File
            | Code::CentralAnswer => Self::ForNow,
            _ => Self::OfAll,
        }
    }
}

/// What came of sending so far.
#[derive(Default)]
struct Round {
    first: Option<Problem>,
    order: Order,
    in_a_row: u32,
}

impl Round {
    /// What only another token of theirs carries waits for that: a script sends nothing in a person's
    /// place.
    fn may_leave(&mut self, command: &Command, actor: &Actor) -> bool {
        if token_carries(actor, &command.verb).is_err() {
            self.order.keep(command);
            return false;
        }
        self.order.lets(command)
    }

    /// Sends a part of a letter; what is left of it to send, the first last.
    async fn send(
        &mut self,
        inside: &Inside,
        part: Vec<Command>,
    ) -> Result<Option<[Vec<Command>; 2]>, Problem> {
        if part.is_empty() {
            return Ok(None);
        }
        let problem = match answers(inside, &part).await {
            Ok(answers) => {
                self.in_a_row = 0;
                inside.outbox.answered(&answers).await?;
                inside.tell(Event::Changed);
                return Ok(None);
            }
            Err(problem) => problem,
        };
        let refusal = Refusal::of(&problem);
        tracing::info!(code = %problem.code, changes = part.len(), "central refused a letter");
        if matches!(refusal, Refusal::OfAll) {
            return Err(self.first.take().unwrap_or(problem));
        }
        let [command] = part.as_slice() else {
            let mut first = part;
            let second = first.split_off(first.len() / 2);
            return Ok(Some([second, first]));
        };
        if matches!(refusal, Refusal::ForGood) {
            let answer = Answer {
                id: command.id,
                duplicate: false,
                outcome: Outcome::Invalid { problem: worded(problem) },
            };
            inside.outbox.answered(&[answer]).await?;
            inside.tell(Event::Changed);
            return Ok(None);
        }
        self.order.keep(command);
        self.in_a_row += 1;
        inside.outbox.troubled(command.id, &failed(&problem)).await?;
        inside.tell(Event::Changed);
        let first = self.first.get_or_insert(problem).clone();
        if self.in_a_row == IN_A_ROW { Err(first) } else { Ok(None) }
    }
}

/// What central answers to each.
async fn answers(inside: &Inside, commands: &[Command]) -> Result<Vec<Answer>, Problem> {
    let answers = inside.central.send(commands).await?;
    if answers.len() != commands.len() || answers.iter().zip(commands).any(|(a, c)| a.id != c.id) {
        return Err(Problem::new(
            Code::CentralAnswer,
            "central did not answer each change; they are sent again, which is harmless",
        ));
    }
    Ok(answers)
}

/// What central says of a letter, as its author reads it of one change.
fn worded(problem: Problem) -> Problem {
    if problem.code != Code::TooLarge {
        return problem;
    }
    let why =
        "this change is larger than central takes; discard it, and decide again in fewer words";
    Problem { message: why.to_owned(), ..problem }
}

/// What central failed over, as its author reads it of a change that is sent again.
fn failed(problem: &Problem) -> Problem {
    let why = "central failed over this change, and it has not taken effect as far as is known. It is sent \
               again at every sync; if this stays, tell whoever runs central";
    Problem { message: format!("{why} ({})", problem.message), ..problem.clone() }
}
