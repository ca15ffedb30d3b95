//! Beginning: a ready mirror from central, checked, and made the current one. What has arrived of
//! it stays when the connection breaks or the lid is closed.

use super::{
    filling::{self, Coming},
    progress, proof, room, tail,
    unpack::{Unpacking, unpacked_size},
};
use crate::{
    central::{Arriving, Stamp},
    event::{CatchUp, Event},
    problem::file,
    profile::remove_database,
    seat::Inside,
};
use makegood_domain::{
    Code, Problem,
    wire::{Cursor, Part, WIRE_VERSION},
};
use makegood_mirror::{Mirror, snapshot};
use std::{
    fs::OpenOptions,
    io::{
        self,
        ErrorKind::{QuotaExceeded, StorageFull},
        Seek, SeekFrom, Write,
    },
    path::Path,
};

/// From so many packed bytes on the portfolio comes first: over a slow line the whole takes minutes.
const LARGE: u64 = 2 << 20;
/// Progress is told after so many bytes, or more often where all of it is little.
const STEP: u64 = 256 << 10;
/// How often at least.
const TIMES: u64 = 64;
/// Under this name the profile keeps which mirror is being filled with rows beside the one that is shown.
const BEGUN: &str = "mirror_begun";
/// So many bytes of a packed file say how large it is unpacked.
const HEAD: u64 = 18;

/// Fetches everything into a mirror of its own and makes it the current one; the old one is shown
/// until then. Where there is nothing to show yet, and everything is much, the portfolio comes first.
pub(super) async fn begin(inside: &Inside) -> Result<(), Problem> {
    loop {
        let who = inside.central.scope().await?;
        // The old one is shown for as long as this takes: nothing that is out of sight by now stays in it.
        if inside.mirror().keep_only(&who.scope).await? {
            inside.drop_lost_cases().await?;
            inside.tell(Event::Changed);
        }
        inside.set_who(who).await?;
        let fetched = match everything(inside).await {
            // Central cuts tables of another release: its rows can be read all the same.
            Err(problem) if problem.code == Code::WireVersion => {
                let shown = inside.mirror();
                // What holds nobody may hold people and a matrix that were lost since.
                if shown.cursor().await?.is_none() {
                    return rows(inside, &shown, None).await;
                }
                let (mirror, cursor) = begun(inside).await?;
                match rows(inside, &mirror, cursor).await {
                    Err(gone) if matches!(gone.code, Code::CursorGone | Code::ScopeChanged) => {
                        inside.profile.set(BEGUN, "").await?;
                        return Err(gone);
                    }
                    came => came?,
                }
                Fetched { mirror, proven: false, kept: false }
            }
            other => other?,
        };
        let kept = fetched.kept;
        show(inside, fetched).await?;
        let mirror = inside.mirror();
        match tail(inside, &mirror, (mirror.cursor().await?, 0), Coming::default()).await {
            // What had to wait for room was too old by then: of no use, whether or not it can be deleted.
            Err(problem) if kept && problem.code == Code::CursorGone => {
                inside.profile.set(&name(Part::Whole), "").await?;
            }
            other => return other,
        }
    }
}

/// Beside the mirror that is shown: the one that an earlier attempt began to fill with rows, and from where on
/// it goes on, if it fits still; else a new one.
async fn begun(inside: &Inside) -> Result<(Mirror, Option<String>), Problem> {
    let name = inside.profile.setting(BEGUN).await?.filter(|name| !name.is_empty());
    let path = name.map(|name| inside.profile.folder().join(name)).filter(|path| path.exists());
    if let Some(path) = path.filter(|path| path != inside.mirror().path()) {
        match Mirror::open(&path).await {
            Ok(mirror) => {
                if let Some(cursor) = mirror.cursor().await?
                    && Cursor::parse(&cursor).is_some_and(|cursor| is_of(&cursor, inside))
                {
                    return Ok((mirror, Some(cursor)));
                }
            }
            // Where there is no room to finish it there is none to begin another.
            Err(problem) if problem.code == Code::DiskFull => return Err(problem),
            Err(_) => {}
        }
    }
    let path = inside.profile.new_mirror_file().await?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    inside.profile.set(BEGUN, &name).await?;
    Ok((Mirror::create(&path).await?, None))
}

/// Everything as rows, or what is missing of it. Where the line breaks, what came stays, and is gone on from.
async fn rows(inside: &Inside, mirror: &Mirror, from: Option<String>) -> Result<(), Problem> {
    // A central of an older release does not say how much there is: then only what came is told.
    let extent = inside.central.extent().await.unwrap_or_default();
    mirror.fill().await?;
    let came = tail(inside, mirror, (from, 0), Coming::of(&extent)).await;
    // Nothing that is only told keeps the lists from being built.
    let _ = progress(inside, CatchUp::rows(0, Vec::new()).last_step("lists and search")).await;
    mirror.filled().await?;
    came
}

/// A mirror of its own, not yet the current one.
struct Fetched {
    mirror: Mirror,
    /// Whether central held the same when it came (law 9).
    proven: bool,
    /// Whether its file was here already, and central was not asked.
    kept: bool,
}

async fn show(inside: &Inside, Fetched { mirror, proven, .. }: Fetched) -> Result<(), Problem> {
    inside.profile.switch_mirror(mirror.path()).await?;
    inside.set_mirror(mirror);
    proof::note_fetched(inside, proven).await?;
    inside.tell(Event::Changed);
    Ok(())
}

async fn everything(inside: &Inside) -> Result<Fetched, Problem> {
    let empty = inside.mirror().is_empty().await?;
    let portfolio_first = |stamp: &Stamp, here: u64| empty && stamp.bytes - here > LARGE;
    if let (Some(stamp), here) = noted(inside, Part::Whole).await?
        && here <= stamp.bytes
        && !portfolio_first(&stamp, here)
    {
        wait_for_room(inside, Part::Whole, &stamp, here).await?;
    }
    let mut file = ask(inside, Part::Whole).await?;
    if portfolio_first(&file.stamp, file.here) {
        drop(file);
        let portfolio = ask(inside, Part::Portfolio).await?;
        let portfolio = take(inside, Part::Portfolio, portfolio).await?;
        show(inside, portfolio).await?;
        file = ask(inside, Part::Whole).await?;
    }
    take(inside, Part::Whole, file).await
}

fn name(part: Part) -> String {
    format!("snapshot_{}", part.as_str())
}

/// A packed file, some of which is here.
struct Packed {
    stamp: Stamp,
    here: u64,
    /// The rest of it; `None`: there is none.
    rest: Option<Arriving>,
}

/// Which file was asked for last, and how much of it is here.
async fn noted(inside: &Inside, part: Part) -> Result<(Option<Stamp>, u64), Problem> {
    let stamp = inside.profile.setting(&name(part)).await?;
    let stamp = stamp.and_then(|text| serde_json::from_str(&text).ok());
    let here = inside.profile.packed(part).metadata().map_or(0, |file| file.len());
    Ok((stamp, here))
}

/// Refuses what was begun while there is no room for it still: so central need not cut it each time.
async fn wait_for_room(
    inside: &Inside,
    part: Part,
    stamp: &Stamp,
    here: u64,
) -> Result<(), Problem> {
    let passed = inside.mirror().seq().await.unwrap_or(0);
    let packed = inside.profile.packed(part);
    if !fits(inside, stamp, passed) || unpacked_size(&packed).is_none() {
        return Ok(());
    }
    let refused = |problem| no_room(inside, part, stamp, problem);
    let mirror = inside.profile.new_mirror_file().await.map_err(refused)?;
    let found = make_room(&packed, &mirror, stamp.bytes - here);
    remove_database(&mirror);
    found.map_err(refused)
}

/// Sets room aside for what comes out of a packed file, of which `missing` bytes have to come first.
fn make_room(packed: &Path, mirror: &Path, missing: u64) -> Result<(), Problem> {
    let Some(plain) = unpacked_size(packed) else { return Ok(()) };
    room::set_aside(mirror, plain, missing).map_err(|error| file(mirror, &error))
}

/// Asks for the file, or for what is missing of it.
async fn ask(inside: &Inside, part: Part) -> Result<Packed, Problem> {
    let (stamp, here) = noted(inside, part).await?;
    let passed = inside.mirror().seq().await.unwrap_or(0);
    let kept = |stamp: &Stamp| here == stamp.bytes && fits(inside, stamp, passed);
    if let Some(stamp) = stamp.clone().filter(kept) {
        // There was no room to unpack it. What was found wrong had been deleted.
        return Ok(Packed { stamp, here, rest: None });
    }
    let had = stamp.as_ref().filter(|stamp| here > 0 && here < stamp.bytes).map(|s| (s, here));
    let arriving = inside.central.snapshot(part, snapshot::schema(), had).await?;
    let text = serde_json::to_string(&arriving.stamp)
        .map_err(|error| Problem::new(Code::Internal, format!("snapshot: {error}")))?;
    let stamp = arriving.stamp.clone();
    if arriving.from == 0 {
        // Nothing of another file may be taken for the beginning of this one.
        let _ = std::fs::remove_file(inside.profile.packed(part));
    }
    let noted = inside.profile.set(&name(part), &text).await;
    noted.map_err(|problem| no_room(inside, part, &stamp, problem))?;
    Ok(Packed { stamp, here: arriving.from, rest: Some(arriving) })
}

/// Whether a mirror can be made of it still, for who sits here now, that is not older than what is shown.
fn fits(inside: &Inside, stamp: &Stamp, passed: i64) -> bool {
    stamp.schema == snapshot::schema()
        && Cursor::parse(&stamp.cursor)
            .is_some_and(|cursor| is_of(&cursor, inside) && cursor.seq >= passed)
}

/// Whether a cursor is of the central and the scope of who sits here now.
fn is_of(cursor: &Cursor, inside: &Inside) -> bool {
    let who = inside.who();
    cursor.schema == WIRE_VERSION
        && cursor.epoch == who.epoch
        && cursor.scope_revision == who.revision
}

/// Makes a mirror of the file, while what is missing of it arrives. Half of one does not stay: it is of
/// no use, and takes the room of what is.
async fn take(inside: &Inside, part: Part, file: Packed) -> Result<Fetched, Problem> {
    let stamp = file.stamp.clone();
    let room = |problem| no_room(inside, part, &stamp, problem);
    let mirror = inside.profile.new_mirror_file().await.map_err(room)?;
    let taken = unpack(inside, part, file, &mirror).await;
    if taken.is_err() {
        remove_database(&mirror);
    }
    taken.map_err(room)
}

async fn unpack(
    inside: &Inside,
    part: Part,
    Packed { stamp, mut here, mut rest }: Packed,
    mirror: &Path,
) -> Result<Fetched, Problem> {
    let path = inside.profile.packed(part);
    if let Some(rest) = &mut rest {
        head(&path, rest).await?;
        here = rest.from;
    }
    make_room(&path, mirror, stamp.bytes.saturating_sub(here))?;
    let unpacking = Unpacking::begin(&path, here, mirror);
    let kept = rest.is_none();
    if let Some(rest) = rest
        && let Err(problem) = fetch(inside, (part, &stamp), rest, &unpacking).await
    {
        // Nobody writes on into what is deleted next.
        let _ = unpacking.finish(&stamp.digest).await;
        return Err(problem);
    }
    let unpacked = unpacking.finish(&stamp.digest).await?;
    // Only room can be made; what can't be read, or is wrong, is fetched anew.
    let wrong =
        unpacked.as_ref().is_err_and(|error| !matches!(error.kind(), StorageFull | QuotaExceeded));
    if wrong {
        let _ = std::fs::remove_file(&path);
    }
    unpacked.map_err(|error| file(if wrong { &path } else { mirror }, &error))?;
    let all = filling::unpacked(&stamp.extent, u64::MAX);
    let so_far = CatchUp::bytes(part, stamp.bytes, stamp.bytes, all);
    progress(inside, so_far.last_step("being checked")).await?;
    let adopted = adopt(inside, part, &stamp, mirror).await;
    // It is in the mirror now, or of no use; where there was no room, it is gone on with.
    if adopted.as_ref().map_or_else(|problem| problem.code != Code::DiskFull, |_| true) {
        let _ = std::fs::remove_file(&path);
    }
    let (mirror, proven) = adopted?;
    Ok(Fetched { mirror, proven, kept })
}

/// Writes down the first bytes, where they are not here yet.
async fn head(path: &Path, rest: &mut Arriving) -> Result<(), Problem> {
    crate::profile::private_file(path)?;
    let refused = |error: io::Error| file(path, &error);
    // Not to append: who may only append may not cut off, on Windows.
    let mut into = OpenOptions::new().write(true).open(path).map_err(refused)?;
    into.set_len(rest.from).map_err(refused)?;
    into.seek(SeekFrom::End(0)).map_err(refused)?;
    while rest.from < HEAD
        && let Some(piece) = rest.next().await?
    {
        into.write_all(&piece).map_err(refused)?;
        rest.from += piece.len() as u64;
    }
    Ok(())
}

/// Writes down what arrives, and hands it on.
async fn fetch(
    inside: &Inside,
    (part, stamp): (Part, &Stamp),
    mut rest: Arriving,
    unpacking: &Unpacking,
) -> Result<(), Problem> {
    let path = inside.profile.packed(part);
    let refused = |error: io::Error| file(&path, &error);
    let mut into = OpenOptions::new().append(true).open(&path).map_err(refused)?;
    let so_far = |here: u64| {
        let tables = filling::unpacked(&stamp.extent, unpacking.written());
        CatchUp::bytes(part, here, stamp.bytes, tables)
    };
    let (mut here, mut told) = (rest.from, rest.from);
    progress(inside, so_far(here)).await?;
    let step = (stamp.bytes / TIMES).min(STEP);
    while let Some(piece) = rest.next().await? {
        into.write_all(&piece).map_err(refused)?;
        here += piece.len() as u64;
        if !unpacking.add(piece).await {
            break;
        }
        if here >= told + step {
            told = here;
            progress(inside, so_far(here)).await?;
        }
    }
    Ok(())
}

/// Looks through the file and opens it; whether central holds the same now.
async fn adopt(
    inside: &Inside,
    part: Part,
    stamp: &Stamp,
    mirror: &Path,
) -> Result<(Mirror, bool), Problem> {
    if part == Part::Portfolio {
        return Ok((Mirror::adopt(mirror, None).await?.0, false));
    }
    // What proves it is asked for while it is looked through.
    let adopting = Mirror::adopt(mirror, Some(&stamp.cursor));
    let (adopted, theirs) = tokio::join!(adopting, inside.central.digest());
    let (mirror, ours) = adopted?;
    Ok((mirror, theirs.is_ok_and(|theirs| theirs == ours)))
}

/// Says of a full disk where room is wanted, and how much.
fn no_room(inside: &Inside, part: Part, stamp: &Stamp, problem: Problem) -> Problem {
    if problem.code != Code::DiskFull {
        return problem;
    }
    let path = inside.profile.packed(part);
    let here = path.metadata().map_or(0, |file| file.len().min(stamp.bytes));
    // Before its first bytes are here only its tables say how large it will be at least.
    let tables = || stamp.extent.iter().filter_map(|one| one.end).max();
    let plain = unpacked_size(&path).or_else(tables).unwrap_or(0);
    let (at, text) = (inside.profile.folder().display(), CatchUp::megabytes);
    let why = format!(
        "{at}: the disk is full. What central sends takes {} MB more there; {} of {} MB packed are \
         here and stay. Make room: it goes on by itself ({})",
        text(stamp.bytes - here + plain),
        text(here),
        text(stamp.bytes),
        problem.message
    );
    Problem { message: why, ..problem }
}
