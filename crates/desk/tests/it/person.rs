//! People as whoever administers sees them, and what is proposed about them.

use crate::house::House;
use makegood_desk::person::{DelegationEntry, PersonEntry, PersonRow};
use makegood_domain::Code;

fn entry(of: &PersonRow) -> PersonEntry {
    PersonEntry {
        issuer: of.issuer.clone(),
        subject: of.subject.clone(),
        name: of.name.clone(),
        roles: of.roles.clone(),
        customers: of.customers.clone(),
    }
}

#[tokio::test]
async fn law_5_people_are_seen_and_what_changes_about_them_is_proposed() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    assert_eq!(dana.people().await.unwrap_err().code, Code::RoleMissing);
    let root = house.desk("root").await;
    let people = root.people().await.unwrap();
    assert_eq!(people.roles.len(), 5);
    let of = |name: &str| people.rows.iter().find(|one| one.name == name).unwrap();
    let (ines, sam) = (of("ines"), of("sam"));
    assert_eq!(
        (ines.roles_said.as_str(), ines.scope.as_str()),
        ("Finance approver", "Every customer")
    );
    assert_eq!((ines.last_seen.as_str(), ines.me), ("Never", false));
    assert_eq!((of("root").last_seen.as_str(), of("root").me), ("9 Nov 2026", true));

    // By key, and by name where no other has it.
    let customers = Some("NW-DE\n\n Northwind Inc ".to_owned());
    let made = root.propose_person(PersonEntry { customers, ..entry(sam) }).await.unwrap();
    assert_eq!((made.state.as_str(), made.by.as_str()), ("proposed", "root"));
    assert_eq!(made.about, "A person’s roles and scope");
    let shown = root.proposal(&made.id).await.unwrap();
    assert!(!shown.decide.enabled, "one's own");
    assert!(shown.differences.iter().any(|one| one.field == "scope"), "{shown:?}");
    let nobody = PersonEntry { customers: Some("NW-FR".to_owned()), ..entry(sam) };
    assert_eq!(root.propose_person(nobody).await.unwrap_err().code, Code::CustomerUnknown);
    let chief = PersonEntry { roles: vec!["chief".to_owned()], ..entry(sam) };
    assert_eq!(root.propose_person(chief).await.unwrap_err().code, Code::Invalid);
    let same = root.propose_person(entry(sam)).await.unwrap_err();
    assert_eq!(same.code, Code::Invalid, "nothing would change");

    let away = DelegationEntry {
        person: ines.id.clone(),
        delegate: of("lee").id.clone(),
        from: "2026-11-10T00:00:00Z".parse().unwrap(),
        to: "2026-11-20T00:00:00Z".parse().unwrap(),
    };
    let made = root.propose_delegation(away).await.unwrap();
    assert_eq!(made.about, "Delegation");
    let folder = tempfile::tempdir().unwrap();
    let path = root.export_access_review(&folder.path().display().to_string()).await.unwrap();
    assert!(path.ends_with("access-review-2026-11-09.csv"), "{path}");
    assert!(std::fs::read_to_string(path).unwrap().contains("root"));
    house.wire.set_up(false);
    assert_eq!(root.people().await.unwrap_err().code, Code::CentralUnreachable);
}

#[tokio::test]
async fn what_is_told_outside_is_for_those_who_administer() {
    let house = House::open().await;
    let root = house.desk("root").await;
    let page = makegood_desk::screens::Page::default();
    let told = root.messages("all", &page).await.unwrap();
    assert!(told.rows.is_empty() && told.next.is_none(), "there is no channel: {told:?}");
    assert_eq!(root.messages("lost", &page).await.unwrap_err().code, Code::Invalid);
    let refused = house.desk("dana").await.messages("all", &page).await.unwrap_err();
    assert_eq!(refused.code, Code::RoleMissing);
}
