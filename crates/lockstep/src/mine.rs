//! The looks that only the site's owner asks for: at what nobody should reach.

use std::net::IpAddr;

use dns::{Asked, Kind};
use domain::{DomainName, HttpUrl, Scheme, Target};
use futures_util::future::join;
use network::{Inside, Limits, Network, Proof, Purpose, Response, Saw, Session, Unseen, http, together};

use crate::{
    control::{Control, Publication},
    exposed::{Exposed, File, Port},
};

/// What is looked at, what usually listens there, and whether it is a database.
const PORTS: [(Inside, &str, bool); 6] = [
    (Inside::Gunicorn, "Gunicorn", false),
    (Inside::Flask, "Flask's development server", false),
    (Inside::Postgres, "PostgreSQL", true),
    (Inside::Mysql, "MySQL or MariaDB", true),
    (Inside::Redis, "Redis", true),
    (Inside::Mongo, "MongoDB", true),
];

/// At most this many addresses, and bytes of an application's answer or of the file that proves something.
pub(crate) const ADDRESSES: usize = 2;
const LIMIT: usize = 1024;

/// Looks at the ports of the first addresses and at two files of the name: where the visitor says on their own command
/// line that the site is theirs, or where domain and address are proved to be.
pub(crate) async fn look<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    target: &Target,
    dns: &dns::Observation,
    tls: &tls::Observation,
) -> Exposed {
    match &session.settings().proof {
        Some(proof) if !session.settings().mine => {
            let control = prove(client, session, target, dns, proof).await;
            let yours: Vec<IpAddr> = control
                .served
                .iter()
                .map(|(address, _)| *address)
                .filter(|address| control.doubt(tls, *address).is_none())
                .collect();
            yours.iter().for_each(|address| session.is_yours(*address));
            let host = yours.first().map(|near| (&target.name, *near));
            let exposed = expose(client, session, target, host, yours.clone()).await;
            Exposed { control: Some(control), ..exposed }
        }
        _ => {
            let host = dns.names.iter().find_map(|name| Some((&name.name, *name.visit.first()?)));
            let mut addresses: Vec<IpAddr> = dns.entrances().map(|(_, address)| address).collect();
            addresses.sort();
            addresses.dedup();
            expose(client, session, target, host, addresses).await
        }
    }
}

async fn expose<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    target: &Target,
    host: Option<(&DomainName, IpAddr)>,
    mut addresses: Vec<IpAddr>,
) -> Exposed {
    addresses.truncate(ADDRESSES);
    let asked = addresses.iter().flat_map(|address| PORTS.map(|port| (*address, port)));
    let ports = together(asked.map(|(address, port)| knock(session, target, address, port)));
    let files = async {
        let (host, near) = host?;
        Some(web::private_files(client, session, host, near).await)
    };
    let (ports, files) = join(ports, files).await;
    let files = files.into_iter().flatten().map(|(url, served)| File { url, served }).collect();
    Exposed { ports, files, ..Exposed::default() }
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

/// Looks for what the visitor was to publish: the record at every resolver, the file at every address of the name.
async fn prove<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    target: &Target,
    dns: &dns::Observation,
    proof: &Proof,
) -> Control {
    let host = &target.name;
    let published = Publication::of(proof, host);
    let url = published.url(host);
    let name = published.record.parse::<DomainName>();
    let answers = together(session.settings().resolvers.iter().map(|resolver| {
        let name = &name;
        async move {
            let answer = match name {
                Ok(name) => dns::ask(session, resolver, name, Kind::Txt).await,
                Err(_) => Err(Unseen::Failed("the name of the record would be too long".into())),
            };
            Asked { resolver: resolver.name.clone(), kind: Kind::Txt, answer: answer.into() }
        }
    }));
    let addresses = dns.name(host).map(|name| name.visit.clone()).unwrap_or_default();
    let served = together(addresses.into_iter().map(|address| {
        let (url, value) = (&url, &published.value);
        async move {
            let answer = file(client, session, host, address, url).await;
            let seen = answer.map(|it| (it.status, it.status == 200 && it.body.trim_ascii() == value.as_bytes()));
            (address, seen.into())
        }
    }));
    let (answers, served) = join(answers, served).await;
    Control { host: host.clone(), value: published.value, record: published.record, answers, file: url, served }
}

/// What this address itself answers, over plain HTTP or, where that leads to https of the same name, there. No other hop
/// is followed: somebody else's machine could be at its end. The certificate does not matter: the address answers.
async fn file<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
    url: &HttpUrl,
) -> Result<Response, Unseen> {
    let stream = session.connect(address, Purpose::Http).await?;
    let answer = http::get_within(session, Limits::EXCHANGE, stream, url, &[], LIMIT).await?;
    let secure = (300..400).contains(&answer.status).then(|| url.join(answer.header("location")?)).flatten();
    let secure =
        secure.filter(|to| to.scheme() == Scheme::Https && to.host() == host.as_str() && to.explicit_port().is_none());
    let Some(secure) = secure else { return Ok(answer) };
    match tls::visit(client, session, host, address).await.1 {
        Some(tunnel) => http::get_within(session, Limits::EXCHANGE, tunnel, &secure, &[], LIMIT).await,
        None => Ok(answer),
    }
}
