//! The edge: one line per route, each answered by the file of its name under `routes/`.

mod client;
mod data;
mod error;
mod glance;
mod kept;
mod known;
pub mod limits;
mod log;
mod network;
mod rate;
mod routes;
mod run;
mod seal;
mod settings;
mod shell;
mod store;
mod visit;
mod wire;

use error::ApiError;
use routes::{
    Route, api_check, api_proof, api_report, api_reports, asset, badge, calendar, check, form, home, name, problem,
    shared, shared_delete, shared_since,
};
use visit::{Answer, Visit};
use worker::{Context, Env, Method, Request, Response, event};

/// A tenth of the standard one's code; nothing here allocates much at once.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    let path = request.path();
    // First of all: even the route of `/example.com` depends on which endings there are.
    let ready = data::read(&env).await;
    let route = Route::of(&path);
    let limited = rate::is_on(&env);
    let answer = match ready {
        Err(error) if !route.is_file() => Err(error),
        _ => answer(route, request, env, context).await,
    };
    if let Err(error) = &answer {
        log::write(&log::Line::Refused { kind: error.kind() });
    }
    let mut response = match answer {
        Ok(response) => response,
        Err(error) if route.is_api() => visit::problem(&error)?,
        Err(error) => visit::text_error(&error)?,
    };
    if route.is_api() && limited {
        response.headers_mut().set("ratelimit-policy", &rate::policy())?;
    }
    Ok(response)
}

async fn answer(route: Route<'_>, request: Request, env: Env, context: Context) -> Answer {
    match request.method() {
        Method::Options if route.is_api() => return visit::api_options(),
        method if route.takes(method.as_ref()) => {}
        _ => return Err(ApiError::MethodNotAllowed(route.methods())),
    }
    let mut visit = Visit::new(request, env, context)?;
    match route {
        Route::ApiCheck => api_check::answer(&visit).await,
        Route::ApiProof => api_proof::answer(&visit),
        Route::ApiReport(id) => api_report::answer(&visit, id).await,
        Route::ApiReports => api_reports::answer(&mut visit).await,
        Route::ApiUnknown => Err(ApiError::NotFound),
        Route::Asset => asset::answer(&visit).await,
        Route::Badge(name, form) => badge::answer(&visit, name, form).await,
        Route::Calendar(name) => calendar::answer(&visit, name).await,
        Route::Check(typed) => check::answer(&visit, typed).await,
        Route::Form => form::answer(&visit).await,
        Route::Home => home::answer(&visit).await,
        Route::Name(segment) => name::answer(&visit, segment).await,
        Route::Problem(kind) => problem::answer(kind),
        Route::Shared(id) => shared::answer(&visit, id).await,
        Route::SharedDelete(id) => shared_delete::answer(&mut visit, id).await,
        Route::SharedSince(id) => shared_since::answer(&visit, id).await,
    }
}
