//! Calculation files: fetched when they are asked for, checked against the settlement's hash, and
//! kept.

use crate::{
    desk::Desk,
    problem::{database, unreadable},
    seat::Inside,
};
use makegood_domain::{Code, Problem, id::SettlementId, settlement::Settlement};
use makegood_engine::Case;
use makegood_mirror::screens;
use sha2::{Digest, Sha256};
use sqlx::Row as _;

impl Desk {
    /// The calculation file of a contract's settlement in a window, in the internal edition.
    ///
    /// # Errors
    /// [`Code::NotFound`] when the mirror holds no such settlement; [`Code::CentralUnreachable`]
    /// when its calculation file is not here and central isn't, either.
    pub async fn calculation_file(&self, contract: &str, window: &str) -> Result<Case, Problem> {
        let inside = self.inside().await?;
        let mut reader = inside.mirror().reader().await?;
        let found = screens::settlement(&mut reader, contract, window).await?.row;
        drop(reader);
        inside.case(found.id, found.revision).await
    }
}

impl Inside {
    /// The calculation file of a settlement's revision, in the internal edition, with its result.
    ///
    /// # Errors
    /// [`Code::CentralUnreachable`] when it is not here and central isn't either;
    /// [`Code::CentralAnswer`] when what central sends is not what the settlement names.
    pub(crate) async fn case(&self, id: SettlementId, revision: i64) -> Result<Case, Problem> {
        let wanted = self.wanted_hash(id, revision).await?;
        let kept = sqlx::query(
            "select sha256, body from case_file where settlement = $1 and revision = $2",
        )
        .bind(id.to_string())
        .bind(revision)
        .fetch_optional(self.profile.pool())
        .await
        .map_err(|error| database(self.profile.folder(), &error))?;
        if let Some(kept) = kept {
            // What lay here for long is no more believed than what comes.
            let (noted, body): (&str, &str) = (kept.get("sha256"), kept.get("body"));
            if noted == sha256(body) && wanted.as_deref().is_none_or(|wanted| wanted == noted) {
                return parse(body);
            }
        }
        let body = self.central.case(id, revision).await?;
        let hash = sha256(&body);
        if wanted.is_some_and(|wanted| wanted != hash) {
            return Err(Problem::new(
                Code::CentralAnswer,
                format!(
                    "the calculation file of settlement {id} is not the one it rests on; sync, and try again"
                ),
            ));
        }
        let case = parse(&body)?;
        sqlx::query(
            "insert into case_file (settlement, revision, sha256, body) values ($1, $2, $3, $4)
             on conflict (settlement, revision)
             do update set sha256 = excluded.sha256, body = excluded.body",
        )
        .bind(id.to_string())
        .bind(revision)
        .bind(hash)
        .bind(body)
        .execute(self.profile.pool())
        .await
        .map_err(|error| database(self.profile.folder(), &error))?;
        Ok(case)
    }

    /// Deletes the calculation files of settlements that the mirror does not hold: whoever may not see a
    /// customer any more keeps none of theirs.
    pub(crate) async fn drop_lost_cases(&self) -> Result<(), Problem> {
        let failed = |error| database(self.profile.folder(), &error);
        let kept: Vec<String> = sqlx::query_scalar("select distinct settlement from case_file")
            .fetch_all(self.profile.pool())
            .await
            .map_err(failed)?;
        let mut reader = self.mirror().reader().await?;
        for settlement in kept {
            if reader.find::<Settlement>(&settlement).await?.is_none() {
                sqlx::query("delete from case_file where settlement = $1")
                    .bind(settlement)
                    .execute(self.profile.pool())
                    .await
                    .map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The hash that the mirror names, where it holds this very revision.
    async fn wanted_hash(
        &self,
        id: SettlementId,
        revision: i64,
    ) -> Result<Option<String>, Problem> {
        let settlement = self.mirror().reader().await?.find::<Settlement>(&id.to_string()).await?;
        Ok(settlement.filter(|found| found.revision == revision).map(|found| found.row.case_hash))
    }
}

fn sha256(body: &str) -> String {
    hex::encode(Sha256::digest(body))
}

fn parse(body: &str) -> Result<Case, Problem> {
    let mut cases = Case::parse_file(body.as_bytes())
        .map_err(|refusal| unreadable("a calculation file", &refusal))?;
    match (cases.pop(), cases.is_empty()) {
        (Some(case), true) => Ok(case),
        _ => {
            Err(Problem::new(Code::CentralAnswer, "a settlement has exactly one calculation file"))
        }
    }
}
