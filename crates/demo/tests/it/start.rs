//! The demo starts, is filled once, and holds the story.

use makegood_central::store::{self, Versioned};
use makegood_demo::Demo;
use makegood_domain::{
    attainment::Attainment,
    breach::{Breach, BreachState},
    contract::Contract,
    credit::{Credit, Decision},
    incident::{Hit, Incident},
};

async fn all<T: store::Stored>(demo: &Demo) -> Vec<Versioned<T>> {
    let mut reading = demo.app().store().reading().await.unwrap();
    store::list::<T>(&mut reading, "1 = 1 order by id", &[]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_filled_demo_holds_what_the_first_screen_promises() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path(), &|_, _| {}).await.unwrap();

    let breaches = all::<Breach>(&demo).await;
    let open: Vec<_> =
        breaches.iter().filter(|found| found.row.state == BreachState::ToReview).collect();
    assert!(open.iter().all(|found| found.row.window == "2026-10"), "{open:#?}");
    assert_eq!(open.len(), 7);
    let joined = open.iter().filter(|found| found.row.incident.is_some()).count();
    assert_eq!(joined, 3, "the three contracts of one incident");

    let credits = all::<Credit>(&demo).await;
    let in_state = |decision| credits.iter().filter(|found| found.row.decision == decision).count();
    assert!(in_state(Decision::Proposed) >= 3, "{}", in_state(Decision::Proposed));
    assert_eq!(in_state(Decision::ApprovedOnce), 1);
    let october = |found: &&Versioned<Credit>| found.row.window == "2026-10";
    assert_eq!(credits.iter().filter(october).count(), 7);
    let undecided = |found: &&Versioned<Credit>| found.row.decision == Decision::Drafted;
    assert_eq!(credits.iter().filter(october).filter(undecided).count(), 7, "nobody looked yet");
    assert!(in_state(Decision::Approved) > 20);

    let contracts = all::<Contract>(&demo).await;
    let attainments = all::<Attainment>(&demo).await;
    let october = |number: &str| {
        let contract = &contracts.iter().find(|found| found.row.number == number).unwrap().row;
        let of_it = |found: &&Versioned<Attainment>| {
            found.row.contract == contract.id && found.row.window == "2026-10"
        };
        attainments.iter().find(of_it).unwrap().row.clone()
    };
    // Before the maintenance is admitted: all 61 minutes count.
    assert_eq!(october("NW-1").percent.as_deref(), Some("99.863534"));
    assert_eq!(october("NW-1").credit.unwrap().display(), "EUR 1,200.00");
    assert_eq!(october("NW-2").credit.unwrap().display(), "EUR 1,000.00");
    assert_eq!(october("NW-3").credit.unwrap().display(), "USD 800.00");
    assert_eq!(october("KF-1").percent.as_deref(), Some("99.794183"));
    assert_eq!(october("LM-1").percent, None);
    // What a review offers, and nothing else: the screens read as if people had chosen.
    let offered = include_str!("../../../mirror/src/screens/breach/found.rs");
    let of_incidents = all::<Incident>(&demo).await.into_iter().map(|found| found.row.root_cause);
    let of_hits = all::<Hit>(&demo).await.into_iter().map(|found| found.row.root_cause);
    let causes: Vec<_> = of_incidents.chain(of_hits).flatten().collect();
    assert!(causes.len() > 10);
    for cause in causes {
        assert!(offered.contains(&format!("    \"{cause}\",\n")), "nobody can choose {cause}");
    }
    demo.stop().await.unwrap();

    let again = Demo::start(folder.path(), &|_, _| panic!("it is filled once")).await.unwrap();
    assert_eq!(all::<Credit>(&again).await.len(), credits.len());
    again.stop().await.unwrap();
}
