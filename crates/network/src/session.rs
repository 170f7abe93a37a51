//! One check's way through the door: guard, dial map, slots, limits, deadline.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use domain::Time;
use futures_util::future::{Either, select};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::{ConnectError, Family, FetchError, Network, Request, Response, Settings, Unseen};

/// Simultaneous connections, DNS over HTTPS included. The platform's limit is 6 per request.
const SLOTS: usize = 5;

/// The most bytes of any fetched answer (DNS over HTTPS messages are at most 65,535).
pub const FETCH_LIMIT: usize = 128 * 1024;

/// Time limits of single steps; the overall deadline cuts all of them.
#[derive(Debug, Clone, Copy)]
pub struct Limits;

impl Limits {
    /// A TCP connection: three SYN attempts (at 0, 1 and 3 s) fit in.
    pub const CONNECT: Duration = Duration::from_secs(4);
    /// A TLS handshake.
    pub const HANDSHAKE: Duration = Duration::from_secs(5);
    /// One HTTP exchange, from the request to the last byte read.
    pub const EXCHANGE: Duration = Duration::from_secs(8);
    /// One question to one resolver.
    pub const RESOLVE: Duration = Duration::from_secs(4);
}

/// What a connection is for. A closed list: a purpose has its port, and no other port is ever dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The site over plain HTTP, port 80.
    Http,
    /// The site over TLS, port 443.
    Https,
    /// A name server of the domain or of its registry, DNS over TCP, port 53.
    Names,
    /// A port that nobody but the machine itself should reach.
    #[cfg(feature = "mine")]
    Inside(Inside),
}

/// The ports that are looked at on request of the machine's owner.
#[cfg(feature = "mine")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Inside {
    /// Flask's development server, port 5000.
    Flask,
    /// Gunicorn, port 8000.
    Gunicorn,
    /// MongoDB, port 27017.
    Mongo,
    /// MySQL and MariaDB, port 3306.
    Mysql,
    /// PostgreSQL, port 5432.
    Postgres,
    /// Redis, port 6379.
    Redis,
}

impl Purpose {
    /// The one port of this purpose.
    pub fn port(self) -> u16 {
        match self {
            Purpose::Http => 80,
            Purpose::Https => 443,
            Purpose::Names => 53,
            #[cfg(feature = "mine")]
            Purpose::Inside(inside) => match inside {
                Inside::Flask => 5000,
                Inside::Gunicorn => 8000,
                Inside::Mongo => 27017,
                Inside::Mysql => 3306,
                Inside::Postgres => 5432,
                Inside::Redis => 6379,
            },
        }
    }
}

/// One check's use of the network.
pub struct Session<N> {
    network: N,
    settings: Settings,
    slots: Arc<Semaphore>,
    started: u64,
    /// Where nobody answered in this check: waiting there again would tell nothing new.
    silent: RefCell<HashSet<SocketAddr>>,
    /// The addresses that have shown that they are the visitor's.
    #[cfg(feature = "mine")]
    yours: RefCell<HashSet<IpAddr>>,
    connections: Cell<u32>,
    queries: Cell<u32>,
}

impl<N: Network> Session<N> {
    /// Starts the clock of one check.
    pub fn new(network: N, settings: Settings) -> Session<N> {
        let started = network.now();
        let slots = Arc::new(Semaphore::new(SLOTS));
        Session {
            network,
            settings,
            slots,
            started,
            silent: RefCell::default(),
            #[cfg(feature = "mine")]
            yours: RefCell::default(),
            connections: Cell::new(0),
            queries: Cell::new(0),
        }
    }

    /// The settings of this check.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The moment this check began: what every judgement about time uses.
    pub fn started(&self) -> Time {
        Time::from_unix(i64::try_from(self.started / 1000).unwrap_or_default())
    }

    /// Milliseconds since the check began.
    pub fn elapsed(&self) -> u64 {
        self.network.now().saturating_sub(self.started)
    }

    /// Connections opened to sites so far.
    pub fn connections(&self) -> u32 {
        self.connections.get()
    }

    /// Exchanges with resolvers and public APIs so far.
    pub fn queries(&self) -> u32 {
        self.queries.get()
    }

    /// Fills the buffer with unpredictable bytes.
    pub fn random(&self, buffer: &mut [u8]) {
        self.network.random(buffer);
    }

    /// Sixteen hexadecimal digits that nobody can foretell: for names and paths that nobody has.
    pub fn nonce(&self) -> String {
        let mut nonce = [0; 8];
        self.random(&mut nonce);
        nonce.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether this address may be visited and can be reached from here at all.
    ///
    /// # Errors
    /// The guard's reason, [`Unseen::PlatformCannot`] or [`Unseen::NoVantage`].
    pub fn admit(&self, address: IpAddr) -> Result<(), Unseen> {
        let allowed = self.settings.allow.iter().any(|range| range.contains(&address));
        if !allowed {
            domain::classify(address).map_err(|why| Unseen::NotAllowed(why.0.into()))?;
        }
        if self.is_fetch_only(address) {
            return Err(Unseen::PlatformCannot);
        }
        let has_family = match Family::from(address) {
            Family::V4 => self.settings.vantage.v4,
            Family::V6 => self.settings.vantage.v6,
        };
        if has_family { Ok(()) } else { Err(Unseen::NoVantage) }
    }

    /// Whether the platform cannot dial this address, so that it takes the fetch path.
    pub fn is_fetch_only(&self, address: IpAddr) -> bool {
        self.settings.fetch_only.iter().any(|range| range.contains(&address))
    }

    /// Notes that an address has shown that it is the visitor's: from now on its ports inside are dialled. Whoever has a
    /// domain can point it at anybody's machine, so this is about the address and never about the name.
    #[cfg(feature = "mine")]
    pub fn is_yours(&self, address: IpAddr) {
        self.yours.borrow_mut().insert(address);
    }

    /// Whether ports inside may be dialled there: the visitor says on their own command line that the site is theirs, or
    /// the address has shown it.
    #[cfg(feature = "mine")]
    fn admit_inside(&self, address: IpAddr) -> Result<(), Unseen> {
        if self.settings.mine || self.yours.borrow().contains(&address) {
            return Ok(());
        }
        Err(Unseen::NotAllowed("it has not shown that it is yours".into()))
    }

    /// Opens a connection to an address of a site. The address dialled is the one admitted: there is no name here
    /// that could lead elsewhere. The stream holds one of the five slots until it is dropped.
    ///
    /// # Errors
    /// Why it could not be opened.
    pub async fn connect(&self, address: IpAddr, purpose: Purpose) -> Result<Held<N::Stream>, Unseen> {
        self.admit(address)?;
        #[cfg(feature = "mine")]
        if let Purpose::Inside(_) = purpose {
            self.admit_inside(address)?;
        }
        let asked = SocketAddr::new(address, purpose.port());
        let to = self.settings.dial.iter().find(|dial| dial.from == asked).map_or(asked, |dial| dial.to);
        let slot = self.slot().await?;
        if self.silent.borrow().contains(&asked) {
            return Err(Unseen::TimedOut);
        }
        self.connections.set(self.connections.get().saturating_add(1));
        let connected = self.within(Limits::CONNECT, self.network.connect(to)).await;
        if matches!(connected, Err(Unseen::TimedOut) | Ok(Err(ConnectError::TimedOut))) {
            self.silent.borrow_mut().insert(asked);
        }
        let stream = connected?.map_err(|error| match error {
            ConnectError::Other(what) => Unseen::Failed(what),
            ConnectError::PlatformCannot => Unseen::PlatformCannot,
            ConnectError::Refused => Unseen::Refused,
            ConnectError::Reset => Unseen::Reset,
            ConnectError::TimedOut => Unseen::TimedOut,
            ConnectError::Unreachable => Unseen::Unreachable,
        })?;
        Ok(Held { stream, _slot: slot })
    }

    /// One exchange with a resolver or a public API, in one of the five slots.
    ///
    /// # Errors
    /// Why there is no response.
    pub async fn fetch(&self, request: Request, limit: Duration) -> Result<Response, Unseen> {
        let _slot = self.slot().await?;
        self.queries.set(self.queries.get().saturating_add(1));
        self.within(limit, self.network.fetch(request)).await?.map_err(|error| match error {
            FetchError::Failed(what) => Unseen::Failed(what),
            FetchError::TooLong => Unseen::Failed("the answer was too long".into()),
        })
    }

    async fn slot(&self) -> Result<OwnedSemaphorePermit, Unseen> {
        self.before_deadline(Arc::clone(&self.slots).acquire_owned()).await?.map_err(|_| Unseen::Deadline)
    }

    /// Runs one step under its own limit and the overall deadline.
    ///
    /// # Errors
    /// [`Unseen::TimedOut`] by the step's limit, [`Unseen::Deadline`] by the check's.
    pub async fn within<F: Future>(&self, limit: Duration, step: F) -> Result<F::Output, Unseen> {
        let left = self.left();
        if left.is_zero() {
            return Err(Unseen::Deadline);
        }
        let (limit, why) = if left < limit { (left, Unseen::Deadline) } else { (limit, Unseen::TimedOut) };
        match select(pin!(step), pin!(self.network.sleep(limit))).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(_) => Err(why),
        }
    }

    async fn before_deadline<F: Future>(&self, step: F) -> Result<F::Output, Unseen> {
        self.within(self.settings.deadline, step).await.map_err(|_| Unseen::Deadline)
    }

    fn left(&self) -> Duration {
        self.settings.deadline.saturating_sub(Duration::from_millis(self.elapsed()))
    }
}

/// A connection that holds its slot while it lives.
pub struct Held<S> {
    stream: S,
    _slot: OwnedSemaphorePermit,
}

impl<S: AsyncRead + Unpin> AsyncRead for Held<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Held<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::io::{DuplexStream, duplex};

    use super::*;
    use crate::{Method, Vantage};

    /// A world that notes who was dialled and how many connections were open at once.
    #[derive(Default)]
    struct World {
        dialled: RefCell<Vec<SocketAddr>>,
        far_ends: RefCell<Vec<DuplexStream>>,
        open: Cell<usize>,
        most: Cell<usize>,
        silent: bool,
    }

    impl World {
        async fn busy(&self) {
            self.open.set(self.open.get() + 1);
            self.most.set(self.most.get().max(self.open.get()));
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.open.set(self.open.get() - 1);
        }
    }

    impl Network for &World {
        type Stream = DuplexStream;

        async fn connect(&self, to: SocketAddr) -> Result<DuplexStream, ConnectError> {
            self.dialled.borrow_mut().push(to);
            if self.silent {
                std::future::pending::<()>().await;
            }
            self.busy().await;
            let (near, far) = duplex(64);
            self.far_ends.borrow_mut().push(far);
            Ok(near)
        }

        async fn fetch(&self, _: Request) -> Result<Response, FetchError> {
            self.busy().await;
            Ok(Response { status: 200, headers: Vec::new(), body: bytes::Bytes::new() })
        }

        async fn sleep(&self, duration: Duration) {
            tokio::time::sleep(duration).await;
        }

        fn now(&self) -> u64 {
            1_795_242_600_000 + u64::try_from(tokio::time::Instant::now().elapsed().as_millis()).unwrap()
        }

        fn random(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    fn run<F: Future>(test: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_not_public_is_never_dialled() {
        run(async {
            let world = World::default();
            let session = Session::new(&world, Settings::default());
            for hostile in [
                "127.0.0.1",
                "10.0.0.1",
                "169.254.169.254",
                "192.168.1.1",
                "100.64.0.1",
                "0.0.0.0",
                "224.0.0.1",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:9.9.9.9",
                "64:ff9b::7f00:1",
                "2002:7f00:1::1",
                "fe80::1",
                "fd00::1",
            ] {
                let seen = session.connect(address(hostile), Purpose::Http).await.err();
                assert!(matches!(seen, Some(Unseen::NotAllowed(_))), "{hostile}: {seen:?}");
            }
            assert!(world.dialled.borrow().is_empty());
        });
    }

    #[test]
    fn a_purpose_has_one_port_and_the_map_comes_after_the_guard() {
        run(async {
            let world = World::default();
            let settings = Settings {
                allow: vec!["192.0.2.0/24".parse().unwrap()],
                dial: vec![
                    "192.0.2.1:443=127.0.0.1:8443".parse().unwrap(),
                    "10.0.0.1:80=127.0.0.1:8080".parse().unwrap(),
                ],
                ..Settings::default()
            };
            let session = Session::new(&world, settings);
            assert!(session.connect(address("192.0.2.1"), Purpose::Https).await.is_ok());
            assert!(session.connect(address("192.0.2.1"), Purpose::Http).await.is_ok());
            assert!(session.connect(address("10.0.0.1"), Purpose::Http).await.is_err());
            let dialled: Vec<String> = world.dialled.borrow().iter().map(ToString::to_string).collect();
            assert_eq!(dialled, ["127.0.0.1:8443", "192.0.2.1:80"]);
        });
    }

    #[cfg(feature = "mine")]
    #[test]
    fn ports_inside_are_dialled_only_where_the_address_is_the_visitors() {
        run(async {
            let world = World::default();
            // A proof that is offered proves nothing yet.
            let proof = Some("0".repeat(32).parse().unwrap());
            let session = Session::new(&world, Settings { proof, ..Settings::default() });
            let all = [Inside::Flask, Inside::Gunicorn, Inside::Mongo, Inside::Mysql, Inside::Postgres, Inside::Redis];
            for inside in all {
                let seen = session.connect(address("9.9.9.9"), Purpose::Inside(inside)).await.err();
                assert!(matches!(seen, Some(Unseen::NotAllowed(_))), "{inside:?}: {seen:?}");
            }
            assert!(world.dialled.borrow().is_empty());
            session.is_yours(address("9.9.9.9"));
            session.is_yours(address("127.0.0.1"));
            assert!(session.connect(address("9.9.9.9"), Purpose::Inside(Inside::Redis)).await.is_ok());
            assert!(session.connect(address("9.9.9.10"), Purpose::Inside(Inside::Redis)).await.is_err());
            assert!(session.connect(address("127.0.0.1"), Purpose::Inside(Inside::Redis)).await.is_err());
            let said = Session::new(&world, Settings { mine: true, ..Settings::default() });
            assert!(said.connect(address("9.9.9.10"), Purpose::Inside(Inside::Redis)).await.is_ok());
            let dialled: Vec<String> = world.dialled.borrow().iter().map(ToString::to_string).collect();
            assert_eq!(dialled, ["9.9.9.9:6379", "9.9.9.10:6379"]);
        });
    }

    #[test]
    fn what_the_platform_or_the_place_lacks_is_not_the_sites_fault() {
        run(async {
            let world = World::default();
            let settings = Settings {
                fetch_only: vec!["104.16.0.0/13".parse().unwrap()],
                vantage: Vantage { v4: true, v6: false },
                ..Settings::default()
            };
            let session = Session::new(&world, settings);
            assert_eq!(session.admit(address("104.16.1.1")), Err(Unseen::PlatformCannot));
            assert_eq!(session.admit(address("2a00::9")), Err(Unseen::NoVantage));
            assert_eq!(session.admit(address("9.9.9.9")), Ok(()));
        });
    }

    #[test]
    fn no_more_than_five_at_once_fetches_included() {
        run(async {
            let world = World::default();
            let session = Session::new(&world, Settings::default());
            let request = Request {
                method: Method::Get,
                url: "https://dns.example/".into(),
                headers: Vec::new(),
                body: bytes::Bytes::new(),
                limit: 10,
            };
            let connects =
                join_all((0..20).map(|_| async { session.connect(address("9.9.9.9"), Purpose::Http).await.is_ok() }));
            let fetches =
                join_all((0..20).map(|_| async { session.fetch(request.clone(), Limits::RESOLVE).await.is_ok() }));
            let (connects, fetches) = futures_util::join!(connects, fetches);
            assert!(connects.into_iter().chain(fetches).all(|fine| fine));
            assert_eq!(world.most.get(), 5);
            assert_eq!((session.connections(), session.queries()), (20, 20));
        });
    }

    #[test]
    fn silence_ends_by_the_steps_limit_or_the_deadline() {
        run(async {
            tokio::time::pause();
            let world = World { silent: true, ..World::default() };
            let session = Session::new(&world, Settings::default());
            assert_eq!(session.connect(address("9.9.9.9"), Purpose::Http).await.err(), Some(Unseen::TimedOut));
            assert_eq!(session.connect(address("9.9.9.9"), Purpose::Http).await.err(), Some(Unseen::TimedOut));
            assert_eq!(world.dialled.borrow().len(), 1, "silence is waited for once");
            let hurried = Session::new(&world, Settings { deadline: Duration::from_secs(1), ..Settings::default() });
            assert_eq!(hurried.connect(address("9.9.9.9"), Purpose::Http).await.err(), Some(Unseen::Deadline));
        });
    }
}
