//! The forty customers of Fjordline Cloud and what was promised to each.

/// A customer as the book writes it down.
#[derive(Debug, Clone, Copy)]
pub struct Sketch {
    /// Key for imports.
    pub key: &'static str,
    /// Legal name.
    pub name: &'static str,
    /// Key and name of its group, where it shares one.
    pub group: Option<(&'static str, &'static str)>,
    /// Postal address after the name.
    pub address: &'static [&'static str],
    /// ISO 3166 alpha-2.
    pub country: &'static str,
    /// IANA zone.
    pub zone: &'static str,
    /// BCP 47.
    pub locale: &'static str,
    /// For filters.
    pub segment: &'static str,
    /// Its contracts.
    pub contracts: &'static [Deal],
}

/// A contract with one SLA line.
#[derive(Debug, Clone, Copy)]
pub struct Deal {
    /// Number.
    pub number: &'static str,
    /// Our legal entity: `DE`, `IE`, `US`.
    pub entity: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// Name of the SLA line.
    pub sla: &'static str,
    /// Product.
    pub product: &'static str,
    /// Service at the source.
    pub service: &'static str,
    /// Objective, percent.
    pub objective: &'static str,
    /// Internal objective, percent.
    pub internal: &'static str,
    /// What is charged.
    pub charge: Charge,
    /// Days within which a credit must be claimed; absent: it is credited without being asked.
    pub claim_days: Option<u16>,
    /// When it renews.
    pub renews: &'static str,
    /// First month under contract, `2023-11`.
    pub since: &'static str,
}

/// What is charged for a line.
#[derive(Debug, Clone, Copy)]
pub enum Charge {
    /// Each month.
    Monthly(&'static str),
    /// Each year in advance; the credit base is a twelfth.
    Annual(&'static str),
}

use Charge::{Annual, Monthly};

const fn deal(
    number: &'static str,
    entity: &'static str,
    currency: &'static str,
    (sla, product, service): (&'static str, &'static str, &'static str),
    charge: Charge,
    renews: &'static str,
) -> Deal {
    Deal {
        number,
        entity,
        currency,
        sla,
        product,
        service,
        objective: "99.9",
        internal: "99.95",
        charge,
        claim_days: None,
        renews,
        since: "2023-11",
    }
}

const fn strict(deal: Deal) -> Deal {
    Deal { objective: "99.95", internal: "99.97", ..deal }
}

const fn since(deal: Deal, since: &'static str) -> Deal {
    Deal { since, ..deal }
}

const fn claimed(deal: Deal, days: u16) -> Deal {
    Deal { claim_days: Some(days), ..deal }
}

const ORDERS: (&str, &str, &str) = ("Orders API availability", "Orders API", "orders-api");
const REPORTING: (&str, &str, &str) = ("Reporting availability", "Reporting", "reporting");
const CHECKOUT: (&str, &str, &str) = ("Checkout uptime", "Checkout", "eu/checkout");
const PAYMENTS: (&str, &str, &str) = ("Payments uptime", "Payments", "eu/payments");
const SEARCH: (&str, &str, &str) = ("Search availability", "Search", "eu/search");
const WEBHOOKS: (&str, &str, &str) = ("Webhooks delivery", "Webhooks", "eu/webhooks");
const SEARCH_UK: (&str, &str, &str) = ("Search availability", "Search", "uk/search");
const CHECKOUT_UK: (&str, &str, &str) = ("Checkout uptime", "Checkout", "uk/checkout");
const WEBHOOKS_US: (&str, &str, &str) = ("Webhooks delivery", "Webhooks", "us/webhooks");
const SEARCH_US: (&str, &str, &str) = ("Search availability", "Search", "us/search");
const PAYMENTS_US: (&str, &str, &str) = ("Payments uptime", "Payments", "us/payments");

macro_rules! customer {
    ($key:literal, $name:literal, $country:literal $zone:literal $locale:literal, $segment:literal,
     [$($line:literal),*], $($deal:expr),+ $(,)?) => {
        Sketch {
            key: $key, name: $name, group: None, address: &[$($line),*], country: $country,
            zone: $zone, locale: $locale, segment: $segment, contracts: &[$($deal),+],
        }
    };
}

const NORTHWIND: Option<(&str, &str)> = Some(("northwind", "Northwind"));

/// All of them; Northwind's two first.
pub const CUSTOMERS: &[Sketch] = &[
    Sketch {
        group: NORTHWIND,
        ..customer!("C-1001", "Northwind GmbH", "DE" "Europe/Berlin" "de-DE", "Enterprise",
            ["Accounts payable", "Speicherstraße 12", "10115 Berlin"],
            deal("NW-1", "DE", "EUR", ORDERS, Monthly("12000.00"), "2027-03-31"),
            claimed(deal("NW-2", "IE", "EUR", REPORTING, Annual("120000.00"), "2027-03-31"), 30))
    },
    Sketch {
        group: NORTHWIND,
        ..customer!("C-1002", "Northwind Inc", "US" "America/New_York" "en-US", "Enterprise",
            ["Accounts payable", "240 Harbor Street", "Boston, MA 02110"],
            deal("NW-3", "US", "USD", ORDERS, Monthly("8000.00"), "2027-03-31"))
    },
    customer!("C-1003", "Kestrel Freight", "GB" "Europe/London" "en-GB", "Mid-market",
        ["9 Dock Road", "Liverpool L3 4BB"],
        deal("KF-1", "IE", "GBP", ("Tracking uptime", "Tracking", "uk/tracking"), Monthly("2400.00"), "2027-01-31")),
    customer!("C-1004", "Tamarack Health", "US" "America/Chicago" "en-US", "Enterprise",
        ["1100 Lakeview Avenue", "Chicago, IL 60614"],
        deal("TH-2", "US", "USD", ("Export API availability", "Export API", "us/export"), Monthly("5500.00"), "2027-06-30")),
    customer!("C-1005", "Aalto Clinics", "FI" "Europe/Helsinki" "en-FI", "Mid-market",
        ["Mannerheimintie 4", "00100 Helsinki"],
        deal("AC-1", "IE", "EUR", ("Booking API availability", "Booking API", "eu/booking"), Monthly("3100.00"), "2027-05-31")),
    customer!("C-1006", "Vela Insurance", "ES" "Europe/Madrid" "en-ES", "Enterprise",
        ["Calle de Alcalá 70", "28009 Madrid"],
        deal("VI-4", "IE", "EUR", ("Quote API availability", "Quote API", "eu/quote"), Monthly("4800.00"), "2027-08-31")),
    customer!("C-1007", "Harbor & Pine", "US" "America/New_York" "en-US", "Mid-market",
        ["58 Wharf Lane", "Portland, ME 04101"],
        strict(deal("HP-1", "US", "USD", ("Checkout uptime", "Checkout", "us/checkout"), Monthly("3600.00"), "2026-12-31"))),
    customer!("C-1008", "Brightwater Utilities", "GB" "Europe/London" "en-GB", "Enterprise",
        ["Reservoir House", "12 Mill Lane", "Leeds LS2 7EN"],
        deal("BW-2", "IE", "GBP", ("Meter API uptime", "Meter API", "uk/meter"), Monthly("6400.00"), "2027-09-30")),
    customer!("C-1009", "Meridian Bank", "LU" "Europe/Luxembourg" "en-LU", "Enterprise",
        ["Boulevard Royal 26", "2449 Luxembourg"],
        strict(deal("MB-3", "IE", "EUR", PAYMENTS, Annual("288000.00"), "2027-12-31"))),
    customer!("C-1010", "Lindqvist Media", "SE" "Europe/Stockholm" "en-SE", "Mid-market",
        ["Sveavägen 44", "111 34 Stockholm"],
        deal("LM-1", "IE", "EUR", ("Ingest availability", "Ingest", "eu/ingest"), Monthly("1900.00"), "2027-04-30")),
    customer!("C-1011", "Corvus Analytics", "IE" "Europe/Dublin" "en-IE", "Mid-market",
        ["3 Grand Canal Quay", "Dublin 2"],
        deal("CA-2", "IE", "EUR", SEARCH, Monthly("6400.00"), "2027-02-28")),
    customer!("C-1012", "Orrin Retail", "US" "America/Denver" "en-US", "Mid-market",
        ["900 Larimer Street", "Denver, CO 80204"],
        deal("OR-1", "US", "USD", SEARCH_US, Monthly("2750.00"), "2027-07-31")),
    customer!("C-1013", "Polaris Pharma", "US" "America/New_York" "en-US", "Enterprise",
        ["77 Research Parkway", "Princeton, NJ 08540"],
        deal("PP-1", "US", "USD", PAYMENTS_US, Monthly("21000.00"), "2027-10-31")),
    customer!("C-1014", "Juniper Foods", "NL" "Europe/Amsterdam" "en-NL", "Mid-market",
        ["Herengracht 180", "1016 BR Amsterdam"],
        deal("JF-1", "IE", "EUR", CHECKOUT, Monthly("3350.00"), "2027-01-15")),
    customer!("C-1015", "Łódź Søftware", "PL" "Europe/Warsaw" "en-PL", "Growth",
        ["ul. Piotrkowska 104", "90-926 Łódź"],
        deal("LS-1", "DE", "EUR", WEBHOOKS, Monthly("980.00"), "2027-11-30")),
    customer!("C-1016", "Bergmann & Töchter Maschinenbau GmbH & Co. KG", "DE" "Europe/Berlin" "de-DE", "Enterprise",
        ["Einkauf", "Werkstraße 3–7", "73730 Esslingen"],
        deal("BT-1", "DE", "EUR", ("Orders API availability", "Orders API", "eu/orders"), Monthly("7200.00"), "2027-06-30"),
        deal("BT-2", "DE", "EUR", WEBHOOKS, Monthly("1450.00"), "2027-06-30")),
    customer!("C-1017", "Castellan Security", "GB" "Europe/London" "en-GB", "Enterprise",
        ["40 Gresham Street", "London EC2V 7AN"],
        deal("CS-1", "IE", "GBP", SEARCH_UK, Monthly("5200.00"), "2027-03-31")),
    customer!("C-1018", "Dunmore Logistics", "IE" "Europe/Dublin" "en-IE", "Mid-market",
        ["Unit 8, Airport Business Park", "Cork"],
        deal("DL-1", "IE", "EUR", SEARCH, Monthly("2650.00"), "2027-04-30")),
    customer!("C-1019", "Estuary Bank", "GB" "Europe/London" "en-GB", "Enterprise",
        ["1 Quayside", "Bristol BS1 4DJ"],
        strict(deal("EB-1", "IE", "GBP", CHECKOUT_UK, Monthly("9800.00"), "2027-02-01")),
        deal("EB-2", "IE", "GBP", SEARCH_UK, Monthly("3100.00"), "2027-02-01")),
    customer!("C-1020", "Faro Mobility", "PT" "Europe/Lisbon" "en-PT", "Growth",
        ["Avenida da Liberdade 110", "1269-046 Lisboa"],
        since(deal("FM-1", "IE", "EUR", PAYMENTS, Monthly("1700.00"), "2027-09-30"), "2025-02")),
    customer!("C-1021", "Glacier Outdoor", "US" "America/Los_Angeles" "en-US", "Mid-market",
        ["415 Alpine Way", "Seattle, WA 98101"],
        deal("GO-1", "US", "USD", SEARCH_US, Monthly("2200.00"), "2027-05-31")),
    customer!("C-1022", "Helvetia Uhren AG", "CH" "Europe/Zurich" "de-CH", "Mid-market",
        ["Bahnhofstrasse 21", "8001 Zürich"],
        deal("HU-1", "DE", "EUR", CHECKOUT, Monthly("4100.00"), "2027-12-31")),
    customer!("C-1023", "Ilmatar Energy", "FI" "Europe/Helsinki" "en-FI", "Enterprise",
        ["Satamakatu 3", "33200 Tampere"],
        deal("IE-1", "IE", "EUR", ("Orders API availability", "Orders API", "eu/orders"), Monthly("5600.00"), "2027-07-31")),
    customer!("C-1024", "Jasper Hotels", "US" "America/New_York" "en-US", "Mid-market",
        ["200 Park Row", "New York, NY 10038"],
        deal("JH-1", "US", "USD", ("Booking API availability", "Booking API", "us/booking"), Monthly("3900.00"), "2027-08-31")),
    customer!("C-1025", "Kobalt Druck", "AT" "Europe/Vienna" "de-AT", "Growth",
        ["Mariahilfer Straße 88", "1070 Wien"],
        since(deal("KD-1", "DE", "EUR", WEBHOOKS, Monthly("1150.00"), "2027-10-31"), "2024-11")),
    customer!("C-1026", "Larkspur Learning", "US" "America/Chicago" "en-US", "Growth",
        ["16 College Road", "Madison, WI 53703"],
        since(deal("LL-1", "US", "USD", WEBHOOKS_US, Monthly("1300.00"), "2027-01-20"), "2024-05")),
    customer!("C-1027", "Montclair Cosmetics", "FR" "Europe/Paris" "en-FR", "Mid-market",
        ["18 rue de Rivoli", "75004 Paris"],
        deal("MC-1", "IE", "EUR", CHECKOUT, Monthly("4450.00"), "2027-11-30")),
    customer!("C-1028", "Norrland Timber", "SE" "Europe/Stockholm" "en-SE", "Mid-market",
        ["Storgatan 9", "903 26 Umeå"],
        deal("NT-1", "IE", "EUR", SEARCH, Monthly("2050.00"), "2027-06-30")),
    customer!("C-1029", "Osprey Air", "US" "America/New_York" "en-US", "Enterprise",
        ["Terminal Road 2", "Atlanta, GA 30320"],
        strict(deal("OA-1", "US", "USD", PAYMENTS_US, Monthly("14500.00"), "2027-09-30"))),
    customer!("C-1030", "Pemberton Legal", "GB" "Europe/London" "en-GB", "Growth",
        ["5 Chancery Lane", "London WC2A 1LG"],
        deal("PL-1", "IE", "GBP", SEARCH_UK, Monthly("1250.00"), "2027-04-30")),
    customer!("C-1031", "Quarry Street Games", "US" "America/Los_Angeles" "en-US", "Growth",
        ["71 Quarry Street", "Oakland, CA 94607"],
        since(deal("QS-1", "US", "USD", WEBHOOKS_US, Monthly("890.00"), "2027-03-15"), "2025-07")),
    customer!("C-1032", "Rheintal Kliniken", "DE" "Europe/Berlin" "de-DE", "Enterprise",
        ["Verwaltung", "Rheinallee 31", "53173 Bonn"],
        deal("RK-1", "DE", "EUR", ("Booking API availability", "Booking API", "eu/booking-2"), Monthly("6900.00"), "2027-12-31")),
    customer!("C-1033", "Solent Marine", "GB" "Europe/London" "en-GB", "Mid-market",
        ["22 Ocean Way", "Southampton SO14 3TG"],
        deal("SM-1", "IE", "GBP", CHECKOUT_UK, Monthly("2800.00"), "2027-05-31")),
    customer!("C-1034", "Tessellate Design", "DK" "Europe/Copenhagen" "en-DK", "Growth",
        ["Nyhavn 31", "1051 København"],
        since(deal("TD-1", "IE", "EUR", WEBHOOKS, Monthly("1050.00"), "2027-08-31"), "2024-02")),
    customer!("C-1035", "Umbra Lighting", "IT" "Europe/Rome" "en-IT", "Mid-market",
        ["Via Torino 61", "20123 Milano"],
        deal("UL-1", "IE", "EUR", PAYMENTS, Monthly("2350.00"), "2027-07-31")),
    customer!("C-1036", "Vantage Telecom", "US" "America/Chicago" "en-US", "Enterprise",
        ["3000 Telegraph Road", "Dallas, TX 75201"],
        deal("VT-1", "US", "USD", SEARCH_US, Monthly("8600.00"), "2027-10-31"),
        deal("VT-2", "US", "USD", WEBHOOKS_US, Monthly("2400.00"), "2027-10-31")),
    customer!("C-1037", "Wexford Dairy", "IE" "Europe/Dublin" "en-IE", "Growth",
        ["Main Street 14", "Wexford"],
        since(deal("WD-1", "IE", "EUR", SEARCH, Monthly("1350.00"), "2027-02-05"), "2024-08")),
    customer!("C-1038", "Xenia Travel", "GR" "Europe/Athens" "en-GR", "Mid-market",
        ["Ermou 12", "105 63 Athína"],
        deal("XT-1", "IE", "EUR", ("Booking API availability", "Booking API", "eu/booking-2"), Monthly("2900.00"), "2027-11-30")),
    customer!("C-1039", "Yarrow Seeds", "GB" "Europe/London" "en-GB", "Growth",
        ["Meadow Farm", "Norwich NR1 1EF"],
        since(deal("YS-1", "IE", "GBP", CHECKOUT_UK, Monthly("760.00"), "2027-09-30"), "2025-01")),
    customer!("C-1040", "Zephyr Wind Partners", "DE" "Europe/Berlin" "en-DE", "Enterprise",
        ["Am Sandtorkai 50", "20457 Hamburg"],
        deal("ZW-1", "DE", "EUR", ("Orders API availability", "Orders API", "eu/orders"), Monthly("5100.00"), "2027-04-30"),
        deal("ZW-2", "DE", "EUR", CHECKOUT, Monthly("2250.00"), "2027-04-30")),
];
