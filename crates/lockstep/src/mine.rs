//! The looks that only the site's owner asks for: at what nobody should reach.

use std::net::IpAddr;

use domain::{HttpUrl, Target};
use futures_util::future::join_all;
use network::{Inside, Limits, Network, Purpose, Saw, Session, http};

use crate::exposed::{Exposed, File, Port};

/// What is looked at, what usually listens there, and whether it is a database.
const PORTS: [(Inside, &str, bool); 6] = [
    (Inside::Gunicorn, "Gunicorn", false),
    (Inside::Flask, "Flask's development server", false),
    (Inside::Postgres, "PostgreSQL", true),
    (Inside::Mysql, "MySQL or MariaDB", true),
    (Inside::Redis, "Redis", true),
    (Inside::Mongo, "MongoDB", true),
];

/// At most this many addresses, and bytes of an application's answer.
const ADDRESSES: usize = 2;
const LIMIT: usize = 1024;

/// Looks at the ports of the first addresses and at two files of the name.
pub(crate) async fn look<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    target: &Target,
    dns: &dns::Observation,
) -> Exposed {
    let host = dns.names.iter().find_map(|name| Some((&name.name, *name.visit.first()?)));
    let mut addresses: Vec<IpAddr> = dns.entrances().map(|(_, address)| address).collect();
    addresses.sort();
    addresses.dedup();
    addresses.truncate(ADDRESSES);
    let asked = addresses.iter().flat_map(|address| PORTS.map(|port| (*address, port)));
    let ports = join_all(asked.map(|(address, port)| knock(session, target, address, port)));
    let files = async {
        let (host, near) = host?;
        Some(web::private_files(client, session, host, near).await)
    };
    let (ports, files) = futures_util::join!(ports, files);
    let files = files.into_iter().flatten().map(|(url, served)| File { url, served }).collect();
    Exposed { ports, files, paths: Vec::new() }
}

async fn knock<N: Network>(
    session: &Session<N>,
    target: &Target,
    address: IpAddr,
    (inside, usual, database): (Inside, &str, bool),
) -> Port {
    let purpose = Purpose::Inside(inside);
    let mut seen =
        Port { address, port: purpose.port(), usual: usual.into(), database, open: Saw::Seen(()), server: None };
    match session.connect(address, purpose).await {
        Err(why) => seen.open = Saw::Unseen(why),
        // Nothing is said to a database: that it answers the connection is enough.
        Ok(_) if database => {}
        Ok(stream) => {
            let url = HttpUrl::parse(&format!("http://{}:{}/", target.name, seen.port));
            if let Some(url) = url {
                let answer = http::get_within(session, Limits::EXCHANGE, stream, &url, &[], LIMIT).await;
                seen.server = answer.ok().and_then(|it| it.header("server").map(|it| it.chars().take(80).collect()));
            }
        }
    }
    seen
}
