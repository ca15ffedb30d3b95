-- Central's store: text and integers only. Instants are seconds since 1970, dates and decimals text,
-- owed money minor units with a currency, yes and no 1 and 0, documents JSON text.
-- Whatever belongs to a customer has the customer in its primary key and in every unique constraint.
-- A synced entity is its key, the columns that queries and constraints need, its version, and its
-- body: the whole entity as JSON.

-- What central knows about itself: epoch, company.
create table meta (
    name text primary key,
    value text not null
);

-- Counters are drawn inside the transaction that uses the number: feed, audit, credit, breach …
create table counter (
    name text primary key,
    value bigint not null
);

-- The latest change of every entity. Their order is the order of commits.
create table feed (
    entity text not null,
    id text not null,
    customer text,
    op text not null,
    version bigint not null,
    seq bigint not null,
    primary key (entity, id)
);
create unique index feed_seq on feed (seq);
create index feed_customer on feed (customer, seq);

create table audit_event (
    id text primary key,
    position bigint not null unique,
    customer text,
    action text not null,
    version bigint not null,
    body text not null
);

-- Parties ---------------------------------------------------------------------------------------

create table legal_entity (
    id text primary key,
    key text not null unique,
    version bigint not null,
    body text not null
);

create table customer_group (
    id text primary key,
    key text not null unique,
    name text not null
);

create table customer (
    customer text not null,
    id text not null,
    key text not null,
    customer_group text not null references customer_group (id),
    csm text,
    account_manager text,
    churned_on text,
    version bigint not null,
    body text not null,
    primary key (customer, id)
);
create index customer_id on customer (id);
create index customer_key on customer (key);
create index customer_of_group on customer (customer_group);

create table mrr (
    customer text not null,
    month text not null,
    minor bigint not null,
    currency text not null,
    primary key (customer, month)
);

create table contact (
    customer text not null,
    id text not null,
    contract text,
    role text not null,
    kind text not null,
    channel text not null,
    name text not null,
    address text not null,
    language text not null,
    valid_from text,
    valid_to text,
    confirmed_by text,
    confirmed_at bigint,
    primary key (customer, id)
);

create table person (
    id text primary key,
    issuer text not null,
    subject text not null,
    version bigint not null,
    body text not null,
    unique (issuer, subject)
);

-- Whose data a person may see: all, or the customers listed in person_customer.
create table person_scope (
    person text primary key references person (id),
    kind text not null,
    revision bigint not null
);

create table person_customer (
    person text not null references person (id),
    customer text not null,
    primary key (person, customer)
);

create table delegation (
    id text primary key,
    person text not null references person (id),
    delegate text not null references person (id),
    from_at bigint not null,
    to_at bigint not null
);

create table token (
    id text primary key,
    person text not null references person (id),
    kind text not null,
    hash text not null unique,
    issued_at bigint not null,
    issued_by text,
    expires_at bigint not null,
    revoked_at bigint
);

create table policy (
    id text primary key,
    version bigint not null,
    body text not null
);

-- Contracts -------------------------------------------------------------------------------------

create table contract (
    customer text not null,
    id text not null,
    number text not null,
    legal_entity text not null references legal_entity (id),
    currency text not null,
    renews_on text,
    version bigint not null,
    body text not null,
    primary key (customer, id),
    unique (customer, number)
);
create index contract_id on contract (id);

create table contract_version (
    customer text not null,
    id text not null,
    contract text not null,
    number bigint not null,
    valid_from bigint not null,
    valid_to bigint,
    recorded_at bigint not null,
    body text not null,
    primary key (customer, id),
    unique (customer, contract, number)
);

create table sla_line (
    customer text not null,
    id text not null,
    contract text not null,
    contract_version text not null,
    name text not null,
    series text not null,
    version bigint not null,
    body text not null,
    primary key (customer, id),
    unique (customer, contract_version, name)
);
create index sla_line_id on sla_line (id);
create index sla_line_series on sla_line (series);
create index sla_line_contract on sla_line (contract);

create table charge (
    customer text not null,
    id text not null,
    line text not null,
    kind text not null,
    amount text not null,
    currency text not null,
    frequency text not null,
    in_advance bigint not null,
    from_day text not null,
    to_day text,
    primary key (customer, id)
);
create index charge_line on charge (customer, line);

create table credit_base_rule (
    customer text not null,
    line text not null,
    rule text not null,
    excludes text not null,
    primary key (customer, line)
);

create table remedy_rule (
    customer text not null,
    contract text not null,
    id text not null,
    body text not null,
    primary key (customer, id)
);

create table termination_right (
    customer text not null,
    id text not null,
    contract text not null,
    body text not null,
    primary key (customer, id)
);

-- Measurement -----------------------------------------------------------------------------------

-- Tenant and path are '' where a source has none, so that the key holds.
create table series (
    id text primary key,
    source text not null,
    service text not null,
    tenant text not null,
    path text not null,
    hold bigint,
    unique (source, service, tenant, path)
);

-- Only ever added to; a withdrawal is a row of its own.
create table evidence (
    series text not null references series (id),
    id text not null,
    from_at bigint not null,
    to_at bigint not null,
    observed_at bigint not null,
    recorded_at bigint not null,
    source text not null,
    digest text not null,
    body text not null,
    primary key (series, id)
);
create unique index evidence_once on evidence (series, digest);
create index evidence_span on evidence (series, from_at);

-- The lines of probe logs: a state holds until the next line of its series, at most series.hold.
create table probe (
    series text not null references series (id),
    at bigint not null,
    state text not null,
    log text not null,
    primary key (series, at)
);

create table probe_log (
    id text primary key,
    source text not null,
    digest text not null,
    line_count bigint not null,
    recorded_at bigint not null,
    recorded_by text
);

-- Slots as they arrive; sealed into blocks of one UTC day.
create table slot_buffer (
    series text not null references series (id),
    at bigint not null,
    slot_seconds bigint not null,
    body text not null,
    primary key (series, at)
);

create table slot_block (
    series text not null references series (id),
    day text not null,
    slot_seconds bigint not null,
    body text not null,
    primary key (series, day, slot_seconds)
);

create table month_total (
    series text not null references series (id),
    path text not null,
    month text not null,
    body text not null,
    primary key (series, path, month)
);

create table exclusion (
    customer text not null,
    id text not null,
    series text not null references series (id),
    from_at bigint not null,
    to_at bigint not null,
    state text not null,
    version bigint not null,
    body text not null,
    primary key (customer, id)
);
create index exclusion_id on exclusion (id);
create index exclusion_series on exclusion (customer, series, from_at);

create table incident (
    id text primary key,
    number text not null unique,
    version bigint not null,
    body text not null
);

create table hit (
    customer text not null,
    id text not null,
    incident text not null references incident (id),
    version bigint not null,
    body text not null,
    primary key (customer, id),
    unique (customer, incident)
);
create index hit_id on hit (id);

create table attainment (
    customer text not null,
    id text not null,
    contract text not null,
    line text not null,
    label text not null,
    from_at bigint not null,
    to_at bigint not null,
    state text not null,
    met bigint,
    version bigint not null,
    body text not null,
    primary key (customer, id),
    unique (customer, line, label)
);
create index attainment_id on attainment (id);
create index attainment_contract on attainment (customer, contract, label);

create table settlement (
    customer text not null,
    id text not null,
    contract text not null,
    window_kind text not null,
    label text not null,
    from_at bigint not null,
    to_at bigint not null,
    revision bigint not null,
    total_minor bigint not null,
    currency text not null,
    version bigint not null,
    body text not null,
    primary key (customer, id),
    unique (customer, contract, window_kind, label)
);
create index settlement_id on settlement (id);

-- Every revision of a settlement as it stood, with its case (internal edition, with result).
create table settlement_case (
    customer text not null,
    settlement text not null,
    revision bigint not null,
    hash text not null,
    case_text text not null,
    body text not null,
    primary key (customer, settlement, revision)
);

create table settlement_line (
    customer text not null,
    settlement text not null,
    revision bigint not null,
    line text not null,
    own_minor bigint not null,
    allocated_minor bigint not null,
    currency text not null,
    fee text not null,
    fee_trace text not null,
    primary key (customer, settlement, revision, line)
);

create table settlement_breach (
    customer text not null,
    settlement text not null,
    breach text not null,
    primary key (customer, settlement, breach)
);

create table breach (
    customer text not null,
    id text not null,
    number text not null,
    contract text not null,
    line text not null,
    label text not null,
    state text not null,
    version bigint not null,
    body text not null,
    primary key (customer, id),
    unique (customer, number),
    unique (customer, line, label)
);
create index breach_id on breach (id);

-- Credits ---------------------------------------------------------------------------------------

create table credit (
    customer text not null,
    id text not null,
    number text not null,
    kind text not null,
    amount_minor bigint not null,
    currency text not null,
    customer_group text not null,
    contract text not null,
    legal_entity text not null,
    settlement text,
    label text not null,
    decision text not null,
    claim text not null,
    billing text not null,
    application text not null,
    group_month text,
    version bigint not null,
    body text not null,
    primary key (customer, id),
    unique (customer, number)
);
create index credit_id on credit (id);
create index credit_settlement on credit (customer, settlement);
create index credit_contract on credit (customer, contract, label);

create table credit_line (
    customer text not null,
    credit text not null,
    line text not null,
    net_minor bigint not null,
    tax_category text,
    tax_rate text,
    tax_minor bigint,
    gross_minor bigint,
    exemption text,
    invoice_line text,
    account_key text,
    service_month text not null,
    primary key (customer, credit, line)
);

create table approval (
    customer text not null,
    id text not null,
    credit text not null,
    step bigint not null,
    person text not null,
    delegated_from text,
    decision text not null,
    reason text,
    seen_hash text not null,
    at bigint not null,
    primary key (customer, id)
);

-- What a customer group has used of the approval limit in a calendar month (UTC): one row, changed
-- in the transaction that proposes, approves or returns.
create table group_month (
    customer_group text not null,
    month text not null,
    policy_version bigint not null,
    used text not null,
    primary key (customer_group, month)
);

create table billing_document (
    customer text not null,
    id text not null,
    credit text not null,
    legal_entity text not null,
    external_id text,
    number text,
    issued_on text,
    tax_point text,
    accounting_period text,
    status text not null,
    attempt_key text not null,
    primary key (customer, id),
    unique (customer, attempt_key)
);

create table application (
    customer text not null,
    id text not null,
    billing_document text not null,
    invoice text not null,
    minor bigint not null,
    currency text not null,
    on_day text not null,
    primary key (customer, id)
);

create table service_extension (
    customer text not null,
    id text not null,
    credit text not null,
    days bigint not null,
    old_end text not null,
    new_end text not null,
    primary key (customer, id)
);

-- Documents -------------------------------------------------------------------------------------

create table statement (
    customer text not null,
    id text not null,
    number text not null,
    revision bigint not null,
    period text not null,
    state text not null,
    version bigint not null,
    body text not null,
    primary key (customer, id),
    unique (customer, number, revision)
);
create index statement_id on statement (id);
create index statement_period on statement (customer, period);

create table delivery (
    customer text not null,
    id text not null,
    statement text not null,
    contact text not null,
    contact_as_it_was text not null,
    channel text not null,
    message_id text,
    status text not null,
    reason text,
    resend_of text,
    at bigint not null,
    primary key (customer, id)
);

create table acknowledgement (
    customer text not null,
    id text not null,
    statement text not null,
    by_name text not null,
    at bigint not null,
    accepted bigint not null,
    primary key (customer, id)
);

create table note (
    customer text not null,
    id text not null,
    subject_entity text not null,
    subject text not null,
    visibility text not null,
    version bigint not null,
    body text not null,
    primary key (customer, id)
);
create index note_id on note (id);

create table attachment (
    customer text not null,
    id text not null,
    hash text not null,
    visibility text not null,
    keep_until text,
    primary key (customer, id)
);

create table claim (
    customer text not null,
    id text not null,
    credit text,
    received_on text not null,
    status text not null,
    body text not null,
    primary key (customer, id)
);

create table deadline (
    customer text not null,
    id text not null,
    subject_entity text not null,
    subject text not null,
    kind text not null,
    due text not null,
    rule text not null,
    owner text,
    done_at bigint,
    primary key (customer, id)
);

create table renewal (
    customer text not null,
    id text not null,
    contract text not null,
    renews_on text not null,
    body text not null,
    primary key (customer, id)
);

-- Commands --------------------------------------------------------------------------------------

-- The answer to a command, stored in the transaction that applied it: the same id is answered the
-- same for ever.
create table command (
    id text primary key,
    person text not null,
    kind text not null,
    body text not null,
    answer text not null,
    at bigint not null
);
