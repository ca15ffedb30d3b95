//! Who sits at this desk: nobody yet, one of the demo's people, or a person of a real central.

mod ending;
mod kept;
mod place;

pub use place::Elsewhere;

pub(crate) use ending::ended;
pub(crate) use kept::{Kept, Remembered};

use crate::{
    central::Central,
    desk::Desk,
    event::Event,
    problem::file,
    profile::{private_file, private_folder},
    seat::{Ground, Seat},
    sign_in::Renewal,
};
use makegood_domain::{
    Clock, Code, Problem,
    person::{Permission, Role},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, io::Write as _, path::Path, sync::Arc};
use ts_rs::TS;

/// Whose seat it is, ready to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Session {
    /// Nobody, the demo, or a central.
    pub mode: Mode,
    /// Who sits here.
    pub person: Option<PersonView>,
    /// Whom the demo's switcher offers; empty otherwise.
    pub people: Vec<PersonView>,
    /// What they may do, as verbs.
    pub permissions: Vec<String>,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// Name of the company that runs the central.
    pub company_name: Option<String>,
    /// The central's address.
    pub address: Option<String>,
    /// Where this desk keeps its files.
    pub folder: String,
    /// Whether the session lies in this computer's keychain, so that nobody signs in at the next start.
    pub kept: bool,
    /// Why it does not, though it should.
    pub not_kept: Option<String>,
    /// That it does not has not been told before.
    pub not_kept_is_news: bool,
}

/// What the desk is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub enum Mode {
    /// Nothing yet: first run.
    #[default]
    None,
    /// The embedded demo.
    Demo,
    /// A real central.
    Central,
}

/// A person, ready to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct PersonView {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: String,
    /// Its name.
    pub role_name: String,
    /// Whether it is they who sit here.
    pub current: bool,
}

/// A demo that runs, as whoever started it hands it over.
#[derive(Debug, Clone)]
pub struct DemoAccess {
    /// Its central's address on loopback.
    pub address: String,
    /// Its people, the first of whom takes the seat.
    pub people: Vec<DemoPerson>,
    /// Its clock.
    pub clock: Clock,
}

/// One of the demo's people.
#[derive(Debug, Clone)]
pub struct DemoPerson {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What they do.
    pub role: Role,
    /// Their token.
    pub token: String,
}

/// What this desk remembers beyond a person's profile. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Preferences {
    /// `system`, `light` or `dark`.
    pub(crate) theme: String,
    /// Who sat here last, unless they signed out.
    #[serde(default)]
    pub(crate) seat: Option<Remembered>,
    /// Whether it has been told that sessions can't be kept here.
    #[serde(default)]
    pub(crate) told_not_kept: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { theme: "system".to_owned(), seat: None, told_not_kept: false }
    }
}

impl Preferences {
    /// Reads them; a file that can't be read counts as none.
    pub(crate) fn read(root: &Path) -> Self {
        std::fs::read(root.join("desk.json"))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    fn write(&self, root: &Path) -> Result<(), Problem> {
        let (path, draft) = (root.join("desk.json"), root.join("desk.json.new"));
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Problem::new(Code::Internal, format!("preferences: {error}")))?;
        private_file(&draft)?;
        // On the disk before it takes the other's place: an empty file would say that nobody sat here.
        let mut written = std::fs::File::create(&draft).map_err(|error| file(&draft, &error))?;
        written
            .write_all(text.as_bytes())
            .and_then(|()| written.sync_all())
            .map_err(|error| file(&draft, &error))?;
        drop(written);
        std::fs::rename(&draft, &path).map_err(|error| file(&path, &error))
    }
}

impl Desk {
    /// Who sits here.
    ///
    /// # Errors
    /// None today; a seam's method all the same.
    pub async fn session(&self) -> Result<Session, Problem> {
        let table = self.table.read().await;
        let who = table.seat.as_ref().map(|seat| seat.inside().who());
        let id = who.as_ref().map(|who| who.person.id.to_string());
        let (kept, not_kept) =
            table.seat.as_ref().map(|seat| seat.inside().kept.said()).unwrap_or_default();
        let view = |id_: &str, name: &str, role: Role| PersonView {
            id: id_.to_owned(),
            name: name.to_owned(),
            role: role.as_str().to_owned(),
            role_name: role.title().to_owned(),
            current: id.as_deref() == Some(id_),
        };
        let person = who.as_ref().and_then(|who| {
            let role = who.roles.first().copied()?;
            Some(view(&who.person.id.to_string(), &who.person.name, role))
        });
        let permissions: BTreeSet<Permission> = who
            .iter()
            .flat_map(|who| &who.roles)
            .flat_map(|role| role.permissions().iter().copied())
            .collect();
        Ok(Session {
            mode: table.mode,
            person,
            people: table.people.iter().map(|p| view(&p.id, &p.name, p.role)).collect(),
            permissions: permissions.iter().map(|verb| verb.as_str().to_owned()).collect(),
            theme: table.preferences.theme.clone(),
            company_name: who.map(|who| who.company),
            address: table.seat.as_ref().map(|seat| seat.inside().central.address().to_owned()),
            folder: self.root.display().to_string(),
            kept,
            not_kept,
            not_kept_is_news: table.not_kept_is_news,
        })
    }

    /// Sits down at a central. Asks it once who the token belongs to; after that the profile opens
    /// offline, too.
    ///
    /// # Errors
    /// [`Code::Invalid`] for the address, [`Code::CentralUnreachable`], [`Code::TokenInvalid`],
    /// [`Code::WireVersion`], and what opening a profile gives.
    pub async fn connect(&self, address: &str, token: &str) -> Result<Session, Problem> {
        let ground = self.ground.clone();
        self.sit("profiles", address, token, ground, Mode::Central, None).await?;
        self.table.write().await.people = Vec::new();
        self.session().await
    }

    /// Sits down at a demo that runs.
    ///
    /// # Errors
    /// As [`Desk::connect`].
    pub async fn start_demo(&self, demo: DemoAccess) -> Result<Session, Problem> {
        let Some(first) = demo.people.first().map(|person| person.id.clone()) else {
            return Err(Problem::new(Code::Invalid, "a demo without people"));
        };
        {
            let mut table = self.table.write().await;
            table.demo = Some((demo.address, demo.clock));
            table.people = demo.people;
        }
        self.switch_person(&first).await
    }

    /// Gives the seat to another of the demo's people. Each has their own profile: what one has
    /// queued stays theirs.
    ///
    /// # Errors
    /// [`Code::NotFound`] outside the demo or for somebody else; else as [`Desk::connect`].
    pub async fn switch_person(&self, person: &str) -> Result<Session, Problem> {
        let (address, clock, token) = {
            let table = self.table.read().await;
            let found = table.people.iter().find(|one| one.id == person);
            let (Some((address, clock)), Some(found)) = (&table.demo, found) else {
                return Err(Problem::new(Code::NotFound, "the demo has nobody of this id"));
            };
            (address.clone(), clock.clone(), found.token.clone())
        };
        let ground = Ground { clock, ..self.ground.clone() };
        self.sit("demo", &address, &token, ground, Mode::Demo, None).await?;
        self.session().await
    }

    /// Leaves the seat. What waits in the outbox stays there.
    ///
    /// # Errors
    /// None today; a seam's method all the same.
    pub async fn leave(&self) -> Result<Session, Problem> {
        let seat = {
            let mut table = self.table.write().await;
            table.mode = Mode::None;
            table.people = Vec::new();
            table.demo = None;
            table.seat.take()
        };
        if let Some(seat) = seat {
            seat.leave().await;
        }
        let _ = self.events.send(Event::Changed);
        self.session().await
    }

    /// Leaves the demo and deletes what this desk kept of it. The demo's own folder is deleted by
    /// whoever started it.
    ///
    /// # Errors
    /// [`Code::File`].
    pub async fn reset_demo(&self) -> Result<Session, Problem> {
        self.leave().await?;
        let folder = self.root.join("demo");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| file(&folder, &error))?;
        }
        self.session().await
    }

    /// Sets the theme: `system`, `light` or `dark`.
    ///
    /// # Errors
    /// [`Code::Invalid`] for another word; [`Code::File`].
    pub async fn set_theme(&self, theme: &str) -> Result<Session, Problem> {
        if !matches!(theme, "system" | "light" | "dark") {
            return Err(Problem::new(Code::Invalid, format!("no theme is called {theme:?}")));
        }
        let mut table = self.table.write().await;
        theme.clone_into(&mut table.preferences.theme);
        table.preferences.write(&self.root)?;
        drop(table);
        self.session().await
    }

    /// Sits down with a token; the profile's folder is named by the person.
    pub(crate) async fn sit(
        &self,
        kind: &str,
        address: &str,
        token: &str,
        ground: Ground,
        mode: Mode,
        renewal: Option<Renewal>,
    ) -> Result<(), Problem> {
        let central = Central::new(address, token)?;
        let who = central.scope().await?;
        let folder = self.root.join(kind);
        private_folder(&folder)?;
        // A token that is confined to some customers shows less than its person sees: it has a profile
        // of its own.
        let person = who.person.id.to_string();
        let mut folder = folder.join(match &who.narrowing {
            None => person,
            Some(narrowing) => format!("{person}-{narrowing}"),
        });
        let address = central.address().to_owned();
        if mode == Mode::Central {
            folder = place::folder(folder, &address).await?;
        }
        let (before, sat) = {
            let mut table = self.table.write().await;
            (table.seat.take(), table.preferences.seat.clone())
        };
        if let Some(before) = before {
            before.leave().await;
        }
        // With a token for some customers nobody comes back: another one belongs to the profile then.
        let remembered = (self.remembers && mode == Mode::Central && who.narrowing.is_none())
            .then(|| Remembered::new(central.address(), who.person.id, sat.as_ref()));
        let kept = remembered.as_ref().map_or_else(Kept::nowhere, Kept::of);
        let events = self.events.clone();
        let seat = Seat::take(&folder, central, renewal, kept, Some(who), ground, events).await?;
        let inside = Arc::clone(seat.inside());
        if mode == Mode::Central {
            place::note(&inside.profile, &address).await?;
        }
        let mut table = self.table.write().await;
        table.seat = Some(seat);
        table.mode = mode;
        drop(table);
        let _ = self.events.send(Event::Changed);
        if let Some(remembered) = remembered {
            self.remember(remembered, &inside).await;
        }
        Ok(())
    }
}
