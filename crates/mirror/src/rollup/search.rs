//! The search index: customers with their contracts' numbers, without case and marks; breaches, credits
//! and statements by their own numbers, which central gives and which have no marks.

use crate::read::Reader;
use makegood_domain::Problem;

/// Notes what has another text, or is gone, and writes that.
pub(super) async fn write(writer: &mut Reader) -> Result<(), Problem> {
    for sql in [CUSTOMERS, BREACHES, CREDITS, STATEMENTS, GONE] {
        writer.run(sql, &[]).await?;
    }
    for sql in INDEX {
        writer.run(sql, &[]).await?;
    }
    Ok(())
}

/// Everything, in the order in which it is listed: what the index finds comes in this order.
pub(super) async fn write_all(writer: &mut Reader) -> Result<(), Problem> {
    for sql in ALL.into_iter().chain(INDEX) {
        writer.run(sql, &[]).await?;
    }
    writer.run("insert into sought (sought) values ('optimize')", &[]).await
}

macro_rules! customers {
    ($which:literal) => {
        concat!(
            "insert into named (kind, key, title, folded, content)
             select 'customer', customer.key, customer.name, customer.folded,
                    customer.folded || char(10) || customer.folded_group || char(10)
                      || coalesce((select group_concat(folded, ', ' order by key) from contract
                                   where contract.customer = customer.key), '')
             from customer where ",
            $which,
            " on conflict do update set title = excluded.title, folded = excluded.folded,
                content = excluded.content, fresh = 1
              where content <> excluded.content or title <> excluded.title"
        )
    };
}

macro_rules! numbered {
    ($kind:literal, $which:literal) => {
        concat!(
            "insert into named (kind, key, title, folded, content) select '",
            $kind,
            "', key, number, lower(number), number from ",
            $kind,
            " where ",
            $which,
            " on conflict do update set title = excluded.title, folded = excluded.folded,
                content = excluded.content, fresh = 1
              where content <> excluded.content"
        )
    };
}

const CUSTOMERS: &str =
    customers!("customer.key in (select key from temp.touched where what = 'party')");
const BREACHES: &str =
    numbered!("breach", "key in (select key from temp.touched where what = 'breach')");
const CREDITS: &str =
    numbered!("credit", "key in (select key from temp.touched where what = 'credit')");
const STATEMENTS: &str =
    numbered!("statement", "key in (select key from temp.touched where what = 'statement')");

const ALL: [&str; 4] = [
    customers!("true order by customer.folded, customer.key"),
    numbered!("breach", "true order by number"),
    numbered!("credit", "true order by number"),
    numbered!("statement", "true order by number"),
];

const GONE: &str = "update named set fresh = -1
    where (kind, key) in (select what, key from temp.touched
                          where what in ('customer', 'breach', 'credit', 'statement'))
      and not exists (select 1 from customer where named.kind = 'customer' and customer.key = named.key)
      and not exists (select 1 from breach where named.kind = 'breach' and breach.key = named.key)
      and not exists (select 1 from credit where named.kind = 'credit' and credit.key = named.key)
      and not exists
          (select 1 from statement where named.kind = 'statement' and statement.key = named.key)";

const INDEX: [&str; 4] = [
    "delete from sought where rowid in (select id from named where fresh <> 0)",
    "delete from named where fresh <> 0 and fresh = -1",
    "insert into sought (rowid, content_text, kind)
     select id, content, substr(kind, 1, 3) from named
     where fresh <> 0 and fresh = 1 order by id",
    "update named set fresh = 0 where fresh <> 0",
];
