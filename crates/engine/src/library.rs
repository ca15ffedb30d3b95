//! The library of terms: what vendors have published, in the case format, to start from.
//!
//! Each template is a file of cases: the first one's terms are the template, and all of them
//! together exercise its table. They state facts of published terms in words of our own; whoever
//! uses one compares it with the vendor's current page.

use crate::case::Case;
use crate::refusal::Refusal;
use crate::terms::Terms;

/// Terms to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Its name: `aws-s3-standard`.
    pub id: &'static str,
    /// What the published terms say and the format does not, each as a sentence.
    pub left_out: &'static [&'static str],
    /// Its cases, as a calculation file.
    pub text: &'static str,
}

impl Template {
    /// Its cases, each with its result.
    ///
    /// # Errors
    /// None, as long as the library is in order; a test holds that.
    pub fn cases(&self) -> Result<Vec<Case>, Refusal> {
        Case::parse_file(self.text.as_bytes())
    }

    /// What it is called.
    ///
    /// # Errors
    /// As [`Template::cases`].
    pub fn title(&self) -> Result<String, Refusal> {
        Ok(self.first()?.title.unwrap_or_default())
    }

    /// Its terms.
    ///
    /// # Errors
    /// As [`Template::cases`].
    pub fn terms(&self) -> Result<Terms, Refusal> {
        let line = self.first()?.lines.into_iter().next();
        line.map(|line| line.terms).ok_or_else(|| Refusal::new("lines", "must not be empty"))
    }

    fn first(&self) -> Result<Case, Refusal> {
        let first = self.cases()?.into_iter().next();
        first.ok_or_else(|| Refusal::new(self.id, "this template holds no case"))
    }
}

/// The template of this name.
#[must_use]
pub fn template(id: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}

/// One entry for each file of the folder `library`: its name, and what it leaves out.
macro_rules! templates {
    ($($id:literal => [$($left_out:literal),* $(,)?],)*) => {
        /// All templates, by vendor.
        pub const TEMPLATES: &[Template] = &[$(Template {
            id: $id,
            left_out: &[$($left_out),*],
            text: include_str!(concat!("../library/", $id, ".json")),
        }),*];
    };
}

templates! {
    "aws-ec2-region" => ["The promise holds only where instances run in two zones or more, and counts only when all of them are down.", "Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-ec2-instance" => ["An hour in which the instance was down for more than six minutes is not charged at all.", "Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-ebs-volume" => ["Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-s3-standard" => ["Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-s3-ia" => ["Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-rds-multiaz" => ["Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-rds-single" => ["Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-route53-resolver" => ["Endpoints in a single zone have another objective, 99.5 %, and another first tier.", "Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-arc" => ["Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-documentdb" => ["Clusters in one zone have another objective, 99.9 %.", "Claims are open until the end of the second billing cycle after; 59 days are the least that can be."],
    "aws-ec2-2008" => ["A credit had to be more than one dollar.", "Downtime that was credited once could not be claimed again.", "The credit was reckoned on the bill of one period, not of the year."],
    "gcp-functions" => [],
    "gcp-interconnect" => ["The objective depends on the topology; a single edge has none."],
    "google-workspace" => ["Downtime is what more than 5 % of a domain's users see; the evidence has to say so."],
    "google-mail-isp" => ["The published edges overlap at 99.0 %; here the worse tier begins below it, and goes on below 95 %."],
    "azure-fhir" => ["Who is entitled to several credits for one incident chooses one of them.", "Claims are open for two months; 59 days are the least that can be.", "Repeats of an error within five minutes are not counted; the evidence has to leave them out.", "What it excludes has to be left out of the totals."],
    "azure-media-encode" => ["Who is entitled to several credits for one incident chooses one of them.", "A request that took more than 30 s counts as failed; the evidence has to say so.", "What it excludes has to be left out of the totals."],
    "azure-media-stream" => ["Who is entitled to several credits for one incident chooses one of them.", "An event is a minute of one deployed unit."],
    "azure-documentdb" => ["Who is entitled to several credits for one incident chooses one of them."],
    "m365-exchange" => ["Who is entitled to several credits for one incident chooses one of them.", "An event is a minute of one user.", "Claims are open until the end of the following month; 28 days are the least that can be.", "Filtering of mail and delay of delivery have promises of their own."],
    "ibm-cloud-2019" => ["A single environment has other tiers: below 99.9 % 10 %, below 99.0 % 25 %."],
    "ibm-saas" => ["Downtime begins when the customer reports it; the evidence has to begin there.", "The deadline is three business days, and a ticket is due within a day.", "Some contracts cap at 12 %, and only the highest credit counts.", "The table may be that of premium support, whose objectives are its bounds.", "A partner's customer is credited half of the list price."],
    "alibaba-datahub" => ["Credits are vouchers for the same product.", "Claims open on the fifth business day, for two months; 59 days are the least that can be."],
    "cloudflare-business" => ["Credits of twelve months together are at most one month's fee; a rolling cap is a share of twelve.", "Share of customers affected: the impact of an outage.", "Notice within five business days, the claim by the end of the next month."],
    "cloudflare-enterprise" => ["The fee is that of the month before the incident.", "With premium support the multiple is 25.", "The cap is ours: the published text was not seen to name one."],
    "element-critical" => ["An outage is when both circuits are down.", "Each event is reckoned alone; here a month's are added up."],
    "ntta" => ["A day for each replication that began late; here one day for any.", "An event is a replication that was asked for."],
    "digitalocean-droplet" => ["A version of June 2025 states another table.", "Claims are open for three months; 89 days are the least that can be."],
    "digitalocean-app" => ["Claims are open until the end of the second billing cycle; 59 days are the least that can be."],
    "rackspace-cloud" => ["Whether a half hour begun counts was not seen; here it does not.", "A host that is repaired later than after an hour has a rate of its own."],
    "arcustech" => ["Repair of a host and restoring of data have rates of their own."],
    "hostingking" => ["Downtime begins when it is reported; the evidence has to begin there.", "Managed servers have an objective of 100 %."],
    "expertsystems" => ["The published example rounds the multiplier to two decimals first; an exact one does not."],
    "hostsite24" => ["The printed ranges leave gaps; they are whole only where attainment is rounded to one decimal.", "Ten percent for each further 45 minutes contradict the table.", "The same credits are stated as days, too."],
    "techdiversities" => ["The printed ranges leave gaps; attainment is rounded to one decimal.", "Exactly 99.9 % stands in a row that pays."],
    "solace" => ["The rule has no end; here it stops at four days.", "No objective is published; here it is 100 %."],
    "crucial" => ["Between 97 and 98 % the published rows leave it open; here the last tier begins below 98 %."],
    "exoscale" => [],
    "elastx" => ["In several zones the objective is 99.99 %."],
    "heuristic-msa" => ["Thirds: the agreement prints 33.3 and 66.6 %, and writes one and two thirds."],
    "github-ec" => ["Some features are measured by executions or by hourly error rates: a line for each.", "Exactly 99.0 % stands in no row; here it pays the first.", "The cap is 90 days of paid service, which are the fee of a quarter."],
    "slack-2024" => ["The text of 2019 had fiscal quarters, which begin in February.", "The cap is ours."],
    "slack-plus" => ["Share of customers affected: the impact of an outage.", "The cap is ours."],
    "auth0" => ["What makes a minute successful is defined by calls of the service; here any error makes it bad.", "Unused credits are paid out at the end."],
    "twilio" => ["Some editions have an objective of 99.99 %."],
    "sendgrid" => ["Another edition has an objective of 99.99 %.", "A rate of connections has a credit of its own, in addition: a line for it, in requests."],
    "mongodb-atlas" => ["A cluster must have been up for a day.", "The ticket is due within a day of awareness, the claim later."],
    "mongodb-federation" => [],
    "cloudkarafka" => [],
    "supabase" => [],
    "upstash" => ["Claims are open until the end of the second billing cycle; 59 days are the least that can be."],
    "zus" => ["The printed ranges leave gaps; they are whole only where attainment is rounded to two decimals, which the text does not say."],
    "customersuccessbox" => ["Three months below 95 % in a row give a right to terminate."],
    "saas-package" => ["Percentages and commitment are blanks of the form; these are examples.", "Between two and three points the form says nothing; here the second tier goes on.", "Credits in several periods in a row give a right to terminate, with all fees back."],
    "vertaaux" => ["The rule has no end; here it stops at half the fee, and a tenth begun counts.", "The same page prints another table."],
}
