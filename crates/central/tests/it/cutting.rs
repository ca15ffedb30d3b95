//! Ready mirrors come whether those who asked for them stay or not, and nobody waits for long.

use crate::house::{House, houses, open_with, seat};
use makegood_central::{Config, limit::Timeouts, serve};
use makegood_domain::person::{Role, Scope};
use makegood_mirror::snapshot::schema;
use reqwest::StatusCode;
use serde_json::Value;
use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
};

/// The same house with a central that lets nobody wait for a ready mirror, and cuts in `folder`.
async fn impatient(house: House, folder: &Path) -> House {
    let timeouts = Timeouts { cut: Duration::ZERO, ..Timeouts::default() };
    let snapshots = Some(folder.to_owned());
    let config = Config { timeouts, snapshots, ..Config::new("Meridian") };
    let app = open_with(&house.ground, config).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let running = serve(listener, app.clone()).unwrap();
    House { app, running, ..house }
}

/// Every place in which one is cut. They are given in turn: whatever waited before has been cut.
async fn all(cutting: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(cutting).acquire_many_owned(2).await.unwrap()
}

fn path(part: &str) -> String {
    format!("/v1/sync/snapshot?part={part}&schema={}", schema())
}

async fn ask(house: &House, token: &str, part: &str) -> StatusCode {
    let request = house.http.get(house.url(&path(part))).bearer_auth(token);
    let response = request.send().await.unwrap();
    let status = response.status();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        assert_eq!(response.headers()["retry-after"], "10");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["code"], "busy");
    }
    status
}

/// The files that were cut, and whatever is left of others.
fn files(folder: &Path) -> usize {
    let folders = std::fs::read_dir(folder).unwrap();
    folders.map(|one| std::fs::read_dir(one.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn a_mirror_comes_though_nobody_waits_for_it_any_more_and_once_for_all() {
    for house in houses().await {
        let folder = tempfile::tempdir().unwrap();
        let house = impatient(house, folder.path()).await;
        let cutting = house.app.cutting();
        let held = all(&cutting).await;
        for seat in [&house.anna, &house.ben] {
            assert_eq!(ask(&house, &seat.token, "whole").await, StatusCode::SERVICE_UNAVAILABLE);
        }
        drop(held);
        let held = all(&cutting).await;
        for seat in [&house.anna, &house.carla] {
            assert_eq!(ask(&house, &seat.token, "whole").await, StatusCode::OK);
        }
        assert_eq!(files(folder.path()), 1);
        // A next one can be asked for once it is old.
        house.ground.clock.advance(Duration::from_secs(6 * 60));
        assert_eq!(ask(&house, &house.anna.token, "whole").await, StatusCode::SERVICE_UNAVAILABLE);
        drop(held);
        drop(all(&cutting).await);
        assert_eq!(ask(&house, &house.ben.token, "whole").await, StatusCode::OK);
    }
}

#[tokio::test]
async fn when_many_scopes_begin_at_once_each_has_its_mirror_in_the_end() {
    for house in houses().await {
        let folder = tempfile::tempdir().unwrap();
        let house = impatient(house, folder.path()).await;
        let mut tokens = vec![house.anna.token.clone()];
        for (name, customer) in [("Ines", house.inc), ("Gero", house.gmbh)] {
            let scope = Scope::Customers(BTreeSet::from([customer]));
            tokens.push(seat(&house.app, name, Role::Csm, scope).await.token);
        }
        let asked = || tokens.iter().flat_map(|token| [(token, "whole"), (token, "portfolio")]);
        let cutting = house.app.cutting();
        let held = all(&cutting).await;
        for (token, part) in asked() {
            assert_eq!(ask(&house, token, part).await, StatusCode::SERVICE_UNAVAILABLE);
        }
        drop(held);
        let _held = all(&cutting).await;
        for (token, part) in asked() {
            assert_eq!(ask(&house, token, part).await, StatusCode::OK);
        }
        assert_eq!(files(folder.path()), 6);
    }
}

#[tokio::test]
async fn what_is_not_cut_yet_ends_with_central_and_leaves_nothing() {
    for house in houses().await {
        let folder = tempfile::tempdir().unwrap();
        let house = impatient(house, folder.path()).await;
        let cutting = house.app.cutting();
        let held = all(&cutting).await;
        let asked = ask(&house, &house.anna.token, "whole").await;
        assert_eq!(asked, StatusCode::SERVICE_UNAVAILABLE);
        house.running.stop().await.unwrap();
        drop(held);
        drop(all(&cutting).await);
        assert_eq!(files(folder.path()), 0);
    }
}
