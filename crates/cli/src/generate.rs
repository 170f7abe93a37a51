//! `lockstep generate DOMAIN`: the smallest configuration that is right for a site.

use clap::Args;
use nginx::{Canonical, Site, Version};

use crate::{Outcome, lint::write, sources};

/// What the configuration is for.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// The name without www: example.com
    domain: String,
    /// Further names that are served the same; repeat for several
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Which name visitors end at
    #[arg(long, value_enum, default_value_t = Ends::Apex)]
    canonical: Ends,
    /// Where the application listens: ADDRESS:PORT or unix:/run/app.sock
    #[arg(long, default_value = "127.0.0.1:8000")]
    app: String,
    /// Plain HTTP only
    #[arg(long)]
    no_tls: bool,
    /// The name of certbot's certificate, when it is not the domain
    #[arg(long, value_name = "NAME", default_value = "")]
    lineage: String,
    /// Folder of /static/
    #[arg(long = "static", value_name = "FOLDER", default_value = "")]
    static_files: String,
    /// Folder of /uploads/
    #[arg(long, value_name = "FOLDER", default_value = "")]
    uploads: String,
    /// The largest request, in megabytes
    #[arg(long, value_name = "MEGABYTES", default_value_t = 10)]
    largest_request: u16,
    /// IPv4 only
    #[arg(long)]
    no_ipv6: bool,
    /// Without HTTP/2
    #[arg(long)]
    no_http2: bool,
    /// Folder for ACME challenges (certbot's --webroot)
    #[arg(long, value_name = "FOLDER", default_value = "/var/www/letsencrypt", conflicts_with = "no_acme")]
    acme: String,
    /// No folder for ACME challenges
    #[arg(long)]
    no_acme: bool,
    /// Strict-Transport-Security: browsers do not forget it, so put it in last
    #[arg(long)]
    hsts: bool,
    /// The nginx release
    #[arg(long, value_name = "RELEASE", value_parser = sources::version, default_value = "1.22")]
    nginx_version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Ends {
    /// www redirects to the bare name
    Apex,
    /// The bare name redirects to www
    Www,
    /// Both are served
    Both,
    /// There is no www
    Single,
}

impl GenerateArgs {
    /// Writes the configuration to standard output.
    ///
    /// # Errors
    /// What cannot be used, and what would be right.
    pub fn run(self) -> Result<Outcome, String> {
        let site = Site {
            domain: self.domain,
            more_names: self.names,
            canonical: match self.canonical {
                Ends::Apex => Canonical::Apex,
                Ends::Www => Canonical::Www,
                Ends::Both => Canonical::Both,
                Ends::Single => Canonical::Single,
            },
            app: self.app,
            tls: !self.no_tls,
            lineage: self.lineage,
            static_files: self.static_files,
            uploads: self.uploads,
            largest_request: self.largest_request,
            ipv6: !self.no_ipv6,
            http2: !self.no_http2,
            acme: if self.no_acme { String::new() } else { self.acme },
            hsts: self.hsts,
            version: self.nginx_version,
        };
        let text = nginx::generate(&site).map_err(|unusable| {
            let said: Vec<String> = unusable.iter().map(|one| format!("{}: {}", one.field, one.text)).collect();
            said.join("\n          ")
        })?;
        write(&text);
        Ok(Outcome::Clean)
    }
}
