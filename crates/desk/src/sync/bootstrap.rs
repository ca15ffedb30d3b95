//! Beginning: a ready mirror from central, checked, and made the current one. What has arrived of
//! it stays when the connection breaks or the lid is closed.

use super::{
    filling::{self, Coming},
    progress, proof, tail,
    unpack::Unpacking,
};
use crate::{
    central::{Arriving, Stamp},
    event::{CatchUp, Event},
    problem::file,
    seat::Inside,
};
use makegood_domain::{Code, Problem, wire::Part};
use makegood_mirror::{Mirror, snapshot};
use std::{
    fs::OpenOptions,
    io::{self, ErrorKind::InvalidData, Write},
    path::PathBuf,
};

/// From so many packed bytes on the portfolio comes first: over a slow line the whole takes minutes.
const LARGE: u64 = 2 << 20;
/// Progress is told after so many bytes, or more often where all of it is little.
const STEP: u64 = 256 << 10;
/// How often at least.
const TIMES: u64 = 64;

/// Fetches everything into a mirror of its own and makes it the current one; the old one is shown
/// until then. Where there is nothing to show yet, and everything is much, the portfolio comes first.
pub(super) async fn begin(inside: &Inside) -> Result<(), Problem> {
    inside.set_who(inside.central.scope().await?).await?;
    let fetched = match everything(inside).await {
        // Central cuts tables of another release: its rows can be read all the same.
        Err(problem) if problem.code == Code::WireVersion => {
            let shown = inside.mirror();
            if shown.is_empty().await? {
                return rows(inside, &shown).await;
            }
            let path = inside.profile.new_mirror_file().await?;
            let mirror = Mirror::create(&path).await?;
            rows(inside, &mirror).await?;
            Fetched { mirror, proven: false }
        }
        other => other?,
    };
    show(inside, fetched).await?;
    let mirror = inside.mirror();
    tail(inside, &mirror, (mirror.cursor().await?, 0), Coming::default()).await
}

/// Everything as rows. Where the line breaks, what came is shown all the same, and gone on from.
async fn rows(inside: &Inside, mirror: &Mirror) -> Result<(), Problem> {
    // A central of an older release does not say how much there is: then only what came is told.
    let extent = inside.central.extent().await.unwrap_or_default();
    mirror.fill().await?;
    let came = tail(inside, mirror, (None, 0), Coming::of(&extent)).await;
    progress(inside, CatchUp::rows(0, Vec::new()).last_step("lists and search")).await?;
    mirror.filled().await?;
    came
}

/// A mirror of its own, not yet the current one.
struct Fetched {
    mirror: Mirror,
    /// Whether central held the same when it came (law 9).
    proven: bool,
}

async fn show(inside: &Inside, Fetched { mirror, proven }: Fetched) -> Result<(), Problem> {
    inside.profile.switch_mirror(mirror.path()).await?;
    inside.set_mirror(mirror);
    proof::note_fetched(inside, proven).await?;
    inside.tell(Event::Changed);
    Ok(())
}

async fn everything(inside: &Inside) -> Result<Fetched, Problem> {
    let mut arriving = ask(inside, Part::Whole).await?;
    if arriving.stamp.bytes - arriving.from > LARGE && inside.mirror().is_empty().await? {
        drop(arriving);
        let portfolio = ask(inside, Part::Portfolio).await?;
        let portfolio = take(inside, Part::Portfolio, portfolio).await?;
        show(inside, portfolio).await?;
        arriving = ask(inside, Part::Whole).await?;
    }
    take(inside, Part::Whole, arriving).await
}

fn name(part: Part) -> String {
    format!("snapshot_{}", part.as_str())
}

fn packed(inside: &Inside, part: Part) -> PathBuf {
    inside.profile.folder().join(format!("{}.zst", name(part)))
}

/// Asks for the file, or for what is missing of it.
async fn ask(inside: &Inside, part: Part) -> Result<Arriving, Problem> {
    let stamp = inside.profile.setting(&name(part)).await?;
    let stamp = stamp.and_then(|text| serde_json::from_str::<Stamp>(&text).ok());
    let here = packed(inside, part).metadata().map_or(0, |file| file.len());
    // A file that is all here and was found wrong is not gone on with: it was deleted.
    let had = stamp.as_ref().filter(|stamp| here > 0 && here < stamp.bytes).map(|s| (s, here));
    let arriving = inside.central.snapshot(part, snapshot::schema(), had).await?;
    let text = serde_json::to_string(&arriving.stamp)
        .map_err(|error| Problem::new(Code::Internal, format!("snapshot: {error}")))?;
    inside.profile.set(&name(part), &text).await?;
    Ok(arriving)
}

/// Writes down what arrives, and makes a mirror of it.
async fn take(inside: &Inside, part: Part, mut arriving: Arriving) -> Result<Fetched, Problem> {
    let path = packed(inside, part);
    crate::profile::private_file(&path)?;
    let refused = |error: io::Error| file(&path, &error);
    let mut into = OpenOptions::new().append(true).open(&path).map_err(refused)?;
    into.set_len(arriving.from).map_err(refused)?;
    let mirror = inside.profile.new_mirror_file().await?;
    let unpacking = Unpacking::begin(&path, arriving.from, &mirror);
    let all = arriving.stamp.bytes;
    let extent = std::mem::take(&mut arriving.stamp.extent);
    let so_far =
        |here: u64, plain: u64| CatchUp::bytes(part, here, all, filling::unpacked(&extent, plain));
    let (mut here, mut told) = (arriving.from, arriving.from);
    progress(inside, so_far(here, 0)).await?;
    let step = (all / TIMES).min(STEP);
    while let Some(piece) = arriving.next().await? {
        into.write_all(&piece).map_err(refused)?;
        here += piece.len() as u64;
        if !unpacking.add(piece).await {
            break;
        }
        if here >= told + step {
            told = here;
            progress(inside, so_far(here, unpacking.written())).await?;
        }
    }
    let stamp = arriving.stamp;
    let unpacked = unpacking.finish(&stamp.digest).await?;
    // Whole, it is in the mirror now; wrong, it is of no use; where there was no room, it is gone on with.
    if unpacked.as_ref().map_or_else(|error| error.kind() == InvalidData, |()| true) {
        let _ = std::fs::remove_file(&path);
    }
    unpacked.map_err(|error| match error.kind() {
        InvalidData => refused(error),
        _ => file(&mirror, &error),
    })?;
    progress(inside, so_far(all, u64::MAX).last_step("being checked")).await?;
    if part == Part::Portfolio {
        let (mirror, _) = Mirror::adopt(&mirror, None).await?;
        return Ok(Fetched { mirror, proven: false });
    }
    // What proves it is asked for while it is looked through.
    let adopting = Mirror::adopt(&mirror, Some(&stamp.cursor));
    let (adopted, theirs) = tokio::join!(adopting, inside.central.digest());
    let (mirror, ours) = adopted?;
    Ok(Fetched { mirror, proven: theirs.is_ok_and(|theirs| theirs == ours) })
}
