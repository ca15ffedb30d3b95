//! What the window may ask for, by noun. Each command is one call into the desk.

pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod breach;
pub(crate) mod checklist;
pub(crate) mod contact;
pub(crate) mod credit;
pub(crate) mod customer;
pub(crate) mod deadline;
pub(crate) mod delivery;
pub(crate) mod dispute;
pub(crate) mod draft;
pub(crate) mod exclusion;
pub(crate) mod explain;
pub(crate) mod mail;
pub(crate) mod message;
pub(crate) mod outbox;
pub(crate) mod person;
pub(crate) mod portfolio;
pub(crate) mod proposal;
pub(crate) mod seal;
pub(crate) mod session;
pub(crate) mod source;
pub(crate) mod statement;
pub(crate) mod sync;
pub(crate) mod table;

use makegood_desk::Desk;
use makegood_domain::Problem;
use serde::de::DeserializeOwned;
use tauri::Runtime;
use tauri::ipc::{CommandArg, CommandItem, InvokeBody, InvokeError};

/// What every command answers.
pub(crate) type Answer<T> = Result<T, Problem>;
/// The desk, as the window's runtime hands it over.
pub(crate) type State<'a> = tauri::State<'a, Desk>;

/// Everything that was asked, as one of the desk's own types: its fields are the command's arguments.
pub(crate) struct Asked<T>(pub(crate) T);

impl<'de, R: Runtime, T: DeserializeOwned> CommandArg<'de, R> for Asked<T> {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let InvokeBody::Json(body) = command.message.payload() else {
            return Err(InvokeError::from(Problem::new(
                makegood_domain::Code::Invalid,
                format!("{}: the arguments are no JSON", command.name),
            )));
        };
        T::deserialize(body).map(Self).map_err(|error| {
            InvokeError::from(Problem::new(
                makegood_domain::Code::Invalid,
                format!("{}: {error}", command.name),
            ))
        })
    }
}
