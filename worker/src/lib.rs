//! The edge: one line per route, each answered by the file of its name under `routes/`.

mod client;
mod data;
mod error;
mod glance;
mod kept;
mod known;
pub mod limits;
mod network;
mod rate;
mod routes;
mod run;
mod settings;
mod visit;

use error::ApiError;
use routes::{Route, api_check, api_proof, asset, badge, calendar, check, form, home, name, problem};
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
        Method::Get | Method::Head => {}
        Method::Options if route.is_api() => return visit::api_options(),
        _ if route.is_api() => return Err(ApiError::MethodNotAllowed("GET, HEAD, OPTIONS")),
        _ => return Err(ApiError::MethodNotAllowed("GET, HEAD")),
    }
    let visit = Visit::new(request, env, context)?;
    match route {
        Route::ApiCheck => api_check::answer(&visit).await,
        Route::ApiProof => api_proof::answer(&visit),
        Route::ApiUnknown => Err(ApiError::NotFound),
        Route::Asset => asset::answer(&visit).await,
        Route::Badge(name, form) => badge::answer(&visit, name, form).await,
        Route::Calendar(name) => calendar::answer(&visit, name).await,
        Route::Check(typed) => check::answer(&visit, typed).await,
        Route::Form => form::answer(&visit).await,
        Route::Home => home::answer(&visit).await,
        Route::Name(segment) => name::answer(&visit, segment).await,
        Route::Problem(kind) => problem::answer(kind),
    }
}
