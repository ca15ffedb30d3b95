//! Each screen's query over a large house: how long the middle one takes, and the slowest of a hundred.
//!
//! Words choose the screens that bear them. `MAKEGOOD_BENCH_SHARE=10` measures a tenth of the house. The house is kept beside the build, because it
//! takes minutes to make.
#![allow(clippy::expect_used, reason = "a benchmark that can't go on has failed")]

#[allow(dead_code, reason = "what only some screens need")]
mod house;

use makegood_domain::person::Role;
use makegood_mirror::{
    Mirror, Overlay, rollup,
    screens::{self, BreachTab, CreditTab, DeadlineTab, Page, PortfolioView},
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// How often a screen is asked for, unless that takes longer than [`PATIENCE`].
const TIMES: usize = 300;
const PATIENCE: Duration = Duration::from_secs(6);

/// Asks again and again, each time with a new view of the mirror, and prints what it took.
macro_rules! screen {
    ($mirror:ident, $name:expr, |$reader:ident, $turn:ident| $query:expr) => {
        if is_asked_for($name) {
            let mut took = Vec::new();
            let (began, worked) = (Instant::now(), worked());
            while took.len() < TIMES && (took.len() < 5 || began.elapsed() < PATIENCE) {
                let $turn = took.len();
                let one = Instant::now();
                let mut reader = $mirror.reader().await.expect("reads");
                let $reader = &mut reader;
                std::hint::black_box($query.await.expect("is shown"));
                took.push(one.elapsed());
            }
            told($name, took, worked);
        }
    };
}

/// Whether a screen of this name is measured: all are, unless words on the command line choose.
fn is_asked_for(name: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| name.contains(&word))
}

/// Time that this process has had of the machine, which others that run meanwhile do not change; none
/// where nobody tells.
fn worked() -> Duration {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let of_thread = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(path.join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    let all = threads.flatten().filter_map(|thread| of_thread(thread.path()));
    Duration::from_nanos(all.sum())
}

fn told(name: &str, mut took: Vec<Duration>, since: Duration) {
    let work = (worked() - since) / u32::try_from(took.len()).expect("few");
    took.sort();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
    let [p50, p99, work] =
        [at(50), at(99), work].map(|one| format!("{:.2}", one.as_secs_f64() * 1000.0));
    println!("{name:<34} {p50:>10} {p99:>10} {work:>10} {:>6}", took.len());
}

fn main() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let share = std::env::var("MAKEGOOD_BENCH_SHARE").ok().and_then(|text| text.parse().ok());
    let customers = 10_000 / share.unwrap_or(1);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mirror-{customers}.db"));
    runtime.block_on(async {
        let mirror = house::mirror(&file, customers).await;
        let size = std::fs::metadata(&file).expect("a file").len();
        println!("{customers} customers, {} MB", size / 1_000_000);
        println!(
            "{:<34} {:>10} {:>10} {:>10} {:>6}",
            "milliseconds", "p50", "p99", "work", "times"
        );
        rail(&mirror).await;
        for limit in [50, Page::MOST] {
            lists(&mirror, &Page::first(limit)).await;
        }
        details(&mirror, customers).await;
        runs(&mirror, customers).await;
        writes(&mirror, customers).await;
        // What was written goes into the file, where the next run reads it.
        mirror.close().await;
    });
}

async fn lists(mirror: &Mirror, page: &Page) {
    let (csm, finance) = (house::viewer(Role::Csm), house::viewer(Role::Finance));
    let waits = Overlay::default();
    println!("pages of {} rows:", page.limit.unwrap_or(Page::MOST));
    for (name, month, view) in [
        ("portfolio, at risk", None, PortfolioView::AtRisk),
        ("portfolio, all", None, PortfolioView::All),
        ("portfolio, running month", Some("2026-11"), PortfolioView::AtRisk),
    ] {
        screen!(mirror, name, |r, _turn| screens::portfolio(r, &csm, month, view, page));
    }
    screen!(mirror, "alerts", |r, _turn| screens::alerts(r, &csm, &waits, page));
    for tab in BreachTab::ALL {
        let name = format!("breaches {tab:?}");
        screen!(mirror, &name, |r, _turn| screens::breach_inbox(r, &csm, &waits, tab, page));
    }
    for (tab, who) in
        [(CreditTab::Drafted, &csm), (CreditTab::Awaiting, &finance), (CreditTab::Posted, &finance)]
    {
        let name = format!("credits {}", tab.as_str());
        screen!(mirror, &name, |r, _turn| screens::credits(r, who, &waits, tab, page));
    }
    for sort in ["largest", "smallest"] {
        let (name, page) = (format!("credits posted, {sort} first"), page.clone().by(sort));
        screen!(mirror, &name, |r, _turn| screens::credits(
            r,
            &finance,
            &waits,
            CreditTab::Posted,
            &page
        ));
    }
    for tab in [DeadlineTab::Mine, DeadlineTab::Running, DeadlineTab::Disputes, DeadlineTab::Ended]
    {
        let name = format!("deadlines {tab:?}");
        screen!(mirror, &name, |r, _turn| screens::deadlines(r, &csm, &waits, Some(tab), page));
    }
    screen!(mirror, "customers", |r, _turn| screens::customers(r, &csm, page));
    for month in ["2026-10", "2025-06"] {
        let name = format!("statements of {month}");
        screen!(mirror, &name, |r, _turn| screens::statement_month(r, &waits, month, page));
    }
    let by_customer = page.clone().by("customer");
    screen!(mirror, "statements by customer", |r, _turn| {
        screens::statement_month(r, &waits, "2026-10", &by_customer)
    });
    screen!(mirror, "audit log", |r, _turn| screens::audit_log(r, page));
}

async fn rail(mirror: &Mirror) {
    let (csm, finance) = (house::viewer(Role::Csm), house::viewer(Role::Finance));
    let waits = Overlay::default();
    screen!(mirror, "rail, customer success", |r, _turn| screens::nav_counts(r, &csm, &waits));
    screen!(mirror, "rail, finance", |r, _turn| screens::nav_counts(r, &finance, &waits));
    for text in ["cor", "CR-", "207", "st"] {
        let name = format!("search for {text:?}");
        screen!(mirror, &name, |r, _turn| screens::search(r, text));
    }
}

async fn details(mirror: &Mirror, customers: usize) {
    let (csm, finance) = (house::viewer(Role::Csm), house::viewer(Role::Finance));
    let waits = Overlay::default();
    let keys = Keys::read(mirror).await;
    let customer = |turn: usize| house::dice(turn, 1, 1) % customers;
    screen!(mirror, "customer", |r, turn| {
        let key = house::id::<uuid::Uuid>(3, customer(turn)).to_string();
        async move { screens::customer(r, &house::viewer(Role::Csm), &Overlay::default(), &key).await }
    });
    screen!(mirror, "line", |r, turn| {
        let key = house::id::<uuid::Uuid>(6, customer(turn) * house::LINES).to_string();
        async move { screens::line_detail(r, &key, "2026-10", None).await }
    });
    screen!(mirror, "breach", |r, turn| {
        screens::breach(r, &csm, &waits, &keys.breaches[turn % keys.breaches.len()], None)
    });
    screen!(mirror, "credit", |r, turn| {
        screens::credit(r, &finance, &waits, &keys.credits[turn % keys.credits.len()])
    });
    screen!(mirror, "credits, twenty selected", |r, turn| {
        let ids: Vec<String> =
            keys.credits.iter().cycle().skip(turn * 20).take(20).cloned().collect();
        let finance = finance.clone();
        async move { screens::credits_selection(r, &finance, &ids).await }
    });
    screen!(mirror, "settlement by its number", |r, turn| {
        let number = format!("K-{:05}", customer(turn));
        async move { screens::settlement(r, &number, "2026-10").await }
    });
}

/// What a month's statements begin with: the choices of one customer, and the plan of a run over all.
async fn runs(mirror: &Mirror, customers: usize) {
    let (csm, waits) = (house::viewer(Role::AccountManager), Overlay::default());
    screen!(mirror, "statement, what it can be of", |r, turn| {
        let customer = house::id::<uuid::Uuid>(3, house::dice(turn, 1, 1) % customers).to_string();
        let (csm, waits) = (csm.clone(), waits.clone());
        async move { screens::statement_choices(r, (&csm, &waits), &customer, "2026-10").await }
    });
    screen!(mirror, "statements, what holds them", |r, _turn| {
        screens::statements_held(r, "2026-10")
    });
    println!("all customers of a run:");
    screen!(mirror, "statements to issue", |r, _turn| screens::statements_ready(r, "2026-10"));
    screen!(mirror, "statements missing of 2026-Q3", |r, _turn| {
        screens::statements_missing(r, "2026-Q3")
    });
    screen!(mirror, "statements to send", |r, _turn| screens::unsent(r, "2026-09"));
    screen!(mirror, "names of everybody", |r, _turn| screens::people(r));
}

/// What comes in while somebody works, and what a load ends with.
async fn writes(mirror: &Mirror, customers: usize) {
    let last = mirror.seq().await.expect("reads");
    if is_asked_for("a page of one change") {
        let (mut took, since) = (Vec::new(), worked());
        for turn in 0..TIMES {
            let seq = last + 1 + i64::try_from(turn).expect("few");
            let page = [house::measured_again(turn, customers, seq)];
            let one = Instant::now();
            mirror.apply(&page, &format!("c1.e.1.{seq}")).await.expect("is applied");
            took.push(one.elapsed());
        }
        told("a page of one change", took, since);
    }
    if is_asked_for("write anew") {
        let (began, since) = (Instant::now(), worked());
        rollup::rebuild(mirror).await.expect("is written");
        let [took, work] = [began.elapsed(), worked() - since].map(|one| one.as_secs_f64());
        println!("write anew what is kept beside the rows: {took:.1} s, work {work:.1} s");
    }
}

/// What is opened: some of what waits.
struct Keys {
    breaches: Vec<String>,
    credits: Vec<String>,
}

impl Keys {
    async fn read(mirror: &Mirror) -> Self {
        let (csm, finance) = (house::viewer(Role::Csm), house::viewer(Role::Finance));
        let waits = Overlay::default();
        let mut reader = mirror.reader().await.expect("reads");
        let inbox =
            screens::breach_inbox(&mut reader, &csm, &waits, BreachTab::ToReview, &Page::default())
                .await;
        let credits =
            screens::credits(&mut reader, &finance, &waits, CreditTab::Awaiting, &Page::default())
                .await;
        let groups = inbox.expect("is shown").groups;
        let breaches = groups.into_iter().flat_map(|group| group.items).map(|item| item.id);
        let credits = credits.expect("is shown").rows.into_iter().map(|row| row.id);
        Self { breaches: breaches.take(200).collect(), credits: credits.take(200).collect() }
    }
}
