//! PostgreSQL over a network: by TLS, and only to whom its certificate names.

use crate::ground::database_on;
use makegood_central::store::Store;
use makegood_domain::{Clock, Problem, id::Ids, random::Random};

async fn opened(url: &str) -> Result<Store, Problem> {
    let ids = Ids::new(Clock::system(), Random::system());
    Store::connect(url, Clock::system(), ids).await
}

/// Whether its connections are guarded, as the server says.
async fn is_guarded(store: &Store) -> bool {
    let mut tx = store.begin(None).await.expect("begins");
    let sql = "select cast(ssl as text) from pg_stat_ssl where pid = pg_backend_pid()";
    let found = tx.fetch(sql, &[]).await.expect("is told");
    sqlx::Row::get::<String, _>(&found[0], 0) == "true"
}

#[tokio::test]
async fn a_server_is_reached_by_tls_where_its_certificate_is_good_and_else_not_at_all() {
    let [server, root] =
        ["", "_ROOT"].map(|end| std::env::var(format!("MAKEGOOD_TEST_POSTGRES{end}")));
    let (Ok(server), Ok(root)) = (server, root) else {
        println!(
            "skipped: MAKEGOOD_TEST_POSTGRES and MAKEGOOD_TEST_POSTGRES_ROOT name no server with a certificate"
        );
        return;
    };
    let here = database_on(&server).await;
    let named = here.replace("127.0.0.1", "localhost");
    let store = opened(&here).await.expect("this machine needs no TLS");
    assert!(!is_guarded(&store).await);
    let store = opened(&format!("{named}?sslmode=verify-full&sslrootcert={root}")).await;
    assert!(is_guarded(&store.expect("its certificate is good")).await);
    // Nobody whom this machine trusts has signed it, and it is not another host's.
    for bad in [
        format!("{named}?sslmode=verify-full"),
        format!("{here}?sslmode=verify-full&sslrootcert={root}"),
    ] {
        let problem = opened(&bad).await.expect_err("is refused");
        assert!(problem.message.to_lowercase().contains("certificate"), "{}", problem.message);
    }
}
