//! The demo's people, each at a desk of their own.

use chrono::TimeDelta;
use makegood_demo::Demo as Company;
use makegood_desk::{
    Desk, Ground,
    session::{DemoAccess, DemoPerson},
};
use makegood_domain::{Clock, Code, Problem, person::Role, random::Random};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::Mutex;

/// The demo's people.
#[derive(Debug)]
pub(crate) struct Cast {
    address: String,
    clock: Clock,
    people: Vec<DemoPerson>,
    folder: PathBuf,
    desks: Mutex<BTreeMap<String, Arc<Desk>>>,
}

impl Cast {
    /// Everybody of the company; they sit down when they are needed.
    pub(crate) fn gather(company: &Company, folder: &Path) -> Result<Self, Problem> {
        let people = company.people().iter().map(|person| DemoPerson {
            id: person.id.clone(),
            name: person.name.clone(),
            role: person.role,
            token: person.token.clone(),
        });
        Ok(Self {
            address: company.address(),
            clock: company.clock().clone(),
            people: people.collect(),
            folder: folder.to_owned(),
            desks: Mutex::default(),
        })
    }

    /// The demo's clock.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The desk of the `nth` person with a role, and their name.
    pub(crate) async fn someone(
        &self,
        role: Role,
        nth: usize,
    ) -> Result<(Arc<Desk>, String), Problem> {
        let person = self.people.iter().filter(|person| person.role == role).nth(nth);
        let person = person.ok_or_else(|| {
            let why = format!("the demo has nobody more who is {}", role.title());
            Problem::new(Code::NotFound, why)
        })?;
        let mut desks = self.desks.lock().await;
        if let Some(desk) = desks.get(&person.id) {
            return Ok((Arc::clone(desk), person.name.clone()));
        }
        let ground =
            Ground { clock: self.clock.clone(), random: Random::system(), hold: TimeDelta::zero() };
        let desk = Arc::new(Desk::open(&self.folder, ground)?);
        desk.start_demo(DemoAccess {
            address: self.address.clone(),
            people: vec![person.clone()],
            clock: self.clock.clone(),
        })
        .await?;
        desks.insert(person.id.clone(), Arc::clone(&desk));
        Ok((desk, person.name.clone()))
    }

    /// Everybody goes home.
    pub(crate) async fn leave(&self) -> Result<(), Problem> {
        for desk in self.desks.lock().await.values() {
            desk.leave().await?;
        }
        Ok(())
    }
}
