//! What a provider's claims grant to people, known and unknown.

use super::{doors, given, settings};
use crate::provider::Provider;
use makegood_central::{identity, store};
use makegood_domain::person::{Person, Role, Scope};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn somebody_unknown_is_refused_or_listed_without_a_role() {
    let provider = Provider::start();
    provider.says("zoe", json!({ "name": "Zoe Zimmer" })).await;
    for door in doors(&settings(&provider)).await {
        let refused = door.refused(&given(&provider, "zoe").await).await;
        assert_eq!(refused.0, "person_unknown");
    }
    let admitting = identity::Provider { admit_unknown: true, ..settings(&provider) };
    for door in doors(&admitting).await {
        for _ in 0..2 {
            let refused = door.refused(&given(&provider, "zoe").await).await;
            assert_eq!(refused.0, "role_missing");
        }
        let mut conn = door.app.store().reading().await.unwrap();
        let listed = store::list::<Person>(&mut conn, "subject = 'zoe'", &[]).await.unwrap();
        drop(conn);
        assert_eq!((listed.len(), listed[0].version), (1, 1));
        assert_eq!(listed[0].row.name, "Zoe Zimmer");
        let person =
            Person { roles: BTreeSet::from([Role::AccountManager]), ..listed[0].row.clone() };
        door.app.put_person(&person, &Scope::All).await.unwrap();
        let token = door.opens(&given(&provider, "zoe").await).await;
        assert_eq!(door.scope(&token).await["roles"], json!(["account_manager"]));
    }
}

#[tokio::test]
async fn roles_and_customers_come_from_claims_and_are_taken_back_by_them() {
    let provider = Provider::start();
    let claims = |roles: Value, customers: Value| json!({ "name": "Zoe Zimmer", "realm": { "roles": roles }, "customers": customers });
    let settings = identity::Provider {
        scopes: vec!["makegood".to_owned()],
        roles_claim: Some("realm.roles".to_owned()),
        roles: vec!["cn=sla,o=x=finance".parse().unwrap(), "all-hands=csm".parse().unwrap()],
        customers_claim: Some("customers".to_owned()),
        admit_unknown: true,
        ..settings(&provider)
    };
    for door in doors(&settings).await {
        crate::northwind::told(&door.ground).await;
        provider
            .says("zoe", claims(json!(["cn=sla,o=x", "admin"]), json!(["NW-US", "gone"])))
            .await;
        let first = door.opens(&given(&provider, "zoe").await).await;
        let scope = door.scope(&first).await;
        assert_eq!(
            scope["roles"],
            json!(["finance"]),
            "a role's own name is no value of the claim"
        );
        assert_eq!(scope["scope"]["customers"].as_array().unwrap().len(), 1);
        assert_eq!(scope["person"]["name"], "Zoe Zimmer");

        provider.says("zoe", claims(json!("all-hands"), json!("*"))).await;
        door.opens(&given(&provider, "zoe").await).await;
        let scope = door.scope(&first).await;
        assert_eq!((&scope["roles"], &scope["scope"]["kind"]), (&json!(["csm"]), &json!("all")));

        provider.says("zoe", claims(json!([]), json!("*"))).await;
        let refused = door.refused(&given(&provider, "zoe").await).await;
        assert_eq!(refused.0, "role_missing");
        assert_eq!(door.scope(&first).await["code"], "role_missing", "at once, for every session");
    }
}
