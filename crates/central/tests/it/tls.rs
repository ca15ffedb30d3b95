//! Nothing crosses a network in the clear.

use crate::{ground::grounds, house::open};
use makegood_central::{serve, serve_tls, tls::Tls};
use makegood_domain::Code;
use std::fs;
use tokio::net::TcpListener;

#[tokio::test]
async fn central_speaks_tls_and_plain_http_is_for_this_machine_alone() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    for ground in grounds("2026-11-09T08:15:00Z").await {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let tls = Tls::read(&certificate, &key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = serve_tls(listener, open(&ground).await, tls).unwrap();
        let trusted = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
        let answer = http.get(format!("{}/v1/discovery", running.url())).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let plain = running.url().replace("https://", "http://");
        assert!(http.get(format!("{plain}/v1/discovery")).send().await.is_err());
        running.stop().await.unwrap();

        let everybody = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let refused = serve(everybody, open(&ground).await).unwrap_err();
        assert_eq!(refused.code, Code::Invalid);
    }
}

#[test]
fn a_certificate_without_its_key_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let one = rcgen::generate_simple_self_signed(vec!["a".to_owned()]).unwrap();
    let two = rcgen::generate_simple_self_signed(vec!["b".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    fs::write(&certificate, one.cert.pem()).unwrap();
    assert_eq!(Tls::read(&certificate, &key).unwrap_err().code, Code::File);
    fs::write(&key, two.signing_key.serialize_pem()).unwrap();
    assert_eq!(Tls::read(&certificate, &key).unwrap_err().code, Code::KeyInvalid);
}
