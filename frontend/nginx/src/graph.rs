//! The redirect map as a drawing: a row for each name, http on the left, https on the right, an arrow for each redirect.
//! Who cannot see it has the list below it, which says the same and more.

use findings::State;
use nginx::{Answer, Corner, RedirectMap};
use view::{
    markup::Html,
    words::{class, count},
};

/// Names that are drawn; more of them would be a wall.
const MOST: usize = 12;

// In units of the drawing: on a phone of 360 px one is about a pixel.
const WIDTH: i32 = 328;
const BOX: i32 = 116;
const TALL: i32 = 42;
/// The name above its two boxes.
const HEAD: i32 = 20;
const ROW: i32 = 84;
/// Beside each box, for the status.
const LABEL: i32 = 26;
/// Between two arrows that run side by side.
const LANE: i32 = 12;
/// Where arrows leave a box and arrive, from its middle.
const OUT: i32 = 11;
const IN: i32 = 3;

/// Characters of a name, and of what stands in a box.
const NAME: usize = 44;
const WORDS: usize = 14;

/// Draws the map: all of it, or the first names of it. Returns how many names are not drawn.
pub(crate) fn graph(html: &mut Html, map: &RedirectMap) -> usize {
    let drawing = Drawing::new(map);
    let names = map.corners.len() / 2;
    let redirects = map.corners.iter().filter(|corner| corner.answer == Answer::Redirect).count();
    let label = [
        "The list below as a drawing: ",
        &count(names, "name", "names"),
        ", ",
        &count(redirects, "redirect", "redirects"),
        ", ",
        &count(map.loops.len(), "circle", "circles"),
    ]
    .concat();
    let height = i32::try_from(drawing.rows.len()).unwrap_or(0) * ROW - 16;
    let view = format!("0 0 {WIDTH} {height}");
    html.el("svg", &[("class", "graph"), ("viewBox", &view), ("role", "img"), ("aria-label", &label)], |html| {
        // Circles after the others, and words last, so that nothing lies over them.
        for endless in [false, true] {
            for from in drawing.corners().filter(|from| drawing.endless(*from) == endless) {
                drawing.arrow(html, from);
            }
        }
        for (at, name) in drawing.rows.iter().enumerate() {
            drawing.row(html, at, *name);
        }
    });
    names - drawing.rows.len()
}

/// Where everything stands. Corners are their indexes in the map: an even one is http of its name, the next one https.
struct Drawing<'a> {
    map: &'a RedirectMap,
    /// The names that are drawn: those in circles first.
    rows: Vec<usize>,
    /// Corners to which arrows of other rows lead; each has a lane between the boxes that all of them share.
    lanes: Vec<usize>,
}

impl Drawing<'_> {
    fn new(map: &RedirectMap) -> Drawing<'_> {
        let names = 0..map.corners.len() / 2;
        let turns = |name: &usize| map.loops.iter().flatten().any(|corner| corner / 2 == *name);
        let rows: Vec<usize> =
            names.clone().filter(turns).chain(names.filter(|name| !turns(name))).take(MOST).collect();
        let mut drawing = Drawing { map, rows, lanes: Vec::new() };
        let mut lanes = Vec::new();
        for from in drawing.corners() {
            if let Some(to) = drawing.target(from).filter(|to| to / 2 != from / 2 && !lanes.contains(to)) {
                lanes.push(to);
            }
        }
        drawing.lanes = lanes;
        drawing
    }

    fn corners(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().flat_map(|name| [2 * name, 2 * name + 1])
    }

    fn corner(&self, at: usize) -> Option<&Corner> {
        self.map.corners.get(at)
    }

    /// The corner to which it redirects, when that one is drawn.
    fn target(&self, from: usize) -> Option<usize> {
        let corner = self.corner(from).filter(|corner| corner.answer == Answer::Redirect)?;
        corner.to.filter(|to| self.rows.contains(&(to / 2)))
    }

    fn endless(&self, from: usize) -> bool {
        self.corner(from).is_some_and(|corner| corner.to.is_some() && corner.hops.is_none())
    }

    /// The middle of a box, from above.
    fn middle(&self, corner: usize) -> i32 {
        let row = self.rows.iter().position(|name| *name == corner / 2).unwrap_or(0);
        i32::try_from(row).unwrap_or(0) * ROW + HEAD + TALL / 2
    }

    /// Where arrows arrive: in line with the other scheme's own arrow if it leads here, else apart from it.
    fn arrival(&self, corner: usize) -> i32 {
        let way = if self.target(corner ^ 1) == Some(corner) { OUT } else { IN };
        self.middle(corner) + if is_https(corner) { -way } else { way }
    }

    fn lane(&self, to: usize) -> i32 {
        let room = WIDTH - 2 * (BOX + LABEL);
        let all = i32::try_from(self.lanes.len()).unwrap_or(1);
        let at = self.lanes.iter().position(|lane| *lane == to).and_then(|at| i32::try_from(at).ok()).unwrap_or(0);
        let between = LANE.min(room / all.max(1));
        BOX + LABEL + (room - between * (all - 1)) / 2 + between * at
    }

    /// A name and what its two schemes do.
    fn row(&self, html: &mut Html, row: usize, name: usize) {
        let top = i32::try_from(row).unwrap_or(0) * ROW;
        let host = self.corner(2 * name).map_or("", |corner| &corner.host);
        let host = if host.is_empty() { "any other name" } else { host };
        text(html, "name", 0, top + 13, &shortened(host, NAME));
        for at in [2 * name, 2 * name + 1] {
            let Some(corner) = self.corner(at) else { continue };
            let left = if is_https(at) { WIDTH - BOX } else { 0 };
            let endless = self.endless(at);
            let state = if endless { State::Failed } else { state(corner) };
            html.el("g", &[("class", class(state))], |html| {
                let (x, y, width, height) =
                    ((left + 1).to_string(), (top + HEAD).to_string(), (BOX - 2).to_string(), TALL.to_string());
                html.el("rect", &[("x", &x), ("y", &y), ("width", &width), ("height", &height), ("rx", "2")], |_| {});
                text(html, "scheme", left + 8, top + HEAD + 17, &corner.scheme);
                let hops = match corner.hops {
                    _ if endless => "no end".to_owned(),
                    Some(hops) if hops > 0 => count(hops, "hop", "hops"),
                    _ => String::new(),
                };
                text(html, "hops", left + BOX - 8, top + HEAD + 17, &hops);
                text(html, "does", left + 8, top + HEAD + 33, &shortened(&self.words(at, corner), WORDS));
            });
        }
    }

    /// What stands in a box.
    fn words(&self, at: usize, corner: &Corner) -> String {
        match corner.answer {
            // Where it leads is drawn.
            Answer::Redirect if self.target(at).is_some() => "redirects".to_owned(),
            Answer::Redirect => {
                let target = corner.target.as_deref().unwrap_or_default();
                let host =
                    target.split_once("//").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
                let code = corner.code.map(|code| code.to_string()).unwrap_or_default();
                [&*code, " ↗ ", if host.is_empty() { "elsewhere" } else { host }].concat()
            }
            Answer::App => "the app".to_owned(),
            Answer::Files => "files".to_owned(),
            Answer::Text | Answer::Error => corner.words.trim_end_matches(" from nginx").to_owned(),
            Answer::Closed => "closed".to_owned(),
            Answer::Undecided => "not known".to_owned(),
        }
    }

    /// The arrow of a redirect: straight to the name's other scheme, else along the lane of where it leads.
    fn arrow(&self, html: &mut Html, from: usize) {
        let (Some(to), Some(corner)) = (self.target(from), self.corner(from)) else { return };
        let edge = |corner| if is_https(corner) { WIDTH - BOX } else { BOX };
        let inward = |corner| if is_https(corner) { -1 } else { 1 };
        let start = self.middle(from) + if is_https(from) { OUT } else { -OUT };
        let (x, end) = (edge(to), self.arrival(to));
        let lane = if from == to { edge(from) + inward(from) * LABEL } else { self.lane(to) };
        let bend = if from ^ 1 == to { String::new() } else { format!("H{lane}V{end}") };
        let line = format!("M{} {start}{bend}H{}", edge(from), x + 5 * inward(to));
        let head = format!("M{x} {end}l{} -4v8z", 7 * inward(to));
        let lost = corner.keeps_path == Some(false);
        let state = match (self.endless(from), lost) {
            (true, _) => State::Failed,
            (false, true) => State::Warning,
            _ => State::Passed,
        };
        html.el("g", &[("class", class(state))], |html| {
            html.el("path", &[("class", "way"), ("d", &line)], |_| {});
            html.el("path", &[("class", "head"), ("d", &head)], |_| {});
            let code = corner.code.map(|code| code.to_string()).unwrap_or_default();
            text(html, "code", edge(from) + inward(from) * LABEL / 2, start - 3, &code);
        });
    }
}

fn is_https(corner: usize) -> bool {
    corner % 2 == 1
}

fn state(corner: &Corner) -> State {
    match corner.answer {
        Answer::Redirect | Answer::App | Answer::Files | Answer::Text => State::Passed,
        Answer::Error => State::Warning,
        Answer::Closed => State::Note,
        Answer::Undecided => State::NotTested,
    }
}

fn text(html: &mut Html, class: &str, x: i32, y: i32, text: &str) {
    let (x, y) = (x.to_string(), y.to_string());
    html.el("text", &[("x", &x), ("y", &y), ("class", class)], |html| html.text(text));
}

/// A long text without its middle: both ends of a name tell something.
fn shortened(text: &str, most: usize) -> String {
    let all = text.chars().count();
    if all <= most {
        return text.to_owned();
    }
    let ahead = most / 2;
    text.chars().take(ahead).chain(['…']).chain(text.chars().skip(all - (most - ahead - 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nginx::{Config, Fancy, Source, redirect_map};

    fn drawn(text: &str) -> (String, usize) {
        let mut html = Html::default();
        let map = redirect_map(&Config::read(&[Source { name: "", text }], None, true), &Fancy::default());
        let left = graph(&mut html, &map);
        (html.done(), left)
    }

    const TLS: &str = "ssl_certificate /a; ssl_certificate_key /b;";

    #[test]
    fn each_redirect_is_an_arrow_with_its_status() {
        let (svg, left) = drawn(&format!(
            "server {{ listen 80; server_name a.test www.a.test; return 301 https://$host$request_uri; }}
             server {{ listen 443 ssl; server_name www.a.test; {TLS} return 302 https://a.test/; }}
             server {{ listen 443 ssl; server_name a.test; {TLS} location / {{ proxy_pass http://127.0.0.1:8000; }} }}"
        ));
        assert_eq!((svg.matches("class=\"way\"").count(), left), (3, 0), "{svg}");
        assert!(
            svg.contains("role=\"img\" aria-label=\"The list below as a drawing: 2 names, 3 redirects, 0 circles\"")
        );
        assert!(svg.contains(">2 hops<") && svg.contains(">302<") && svg.contains(">the app<"), "{svg}");
        // The one that loses the path, and nothing that has no end.
        assert_eq!(svg.matches("<g class=\"warning\"").count(), 1, "{svg}");
        assert!(!svg.contains("failed"), "{svg}");
    }

    #[test]
    fn a_circle_has_no_end() {
        let (svg, _) = drawn(&format!(
            "server {{ listen 80; server_name a.test; return 301 https://a.test$request_uri; }}
             server {{ listen 443 ssl; server_name a.test; {TLS} return 301 http://a.test$request_uri; }}
             server {{ listen 80; server_name b.test; return 301 http://b.test$request_uri; }}"
        ));
        // Both corners of a.test; http of b.test, which leads to itself; https of it, which a.test answers: a box and an
        // arrow each.
        assert_eq!(svg.matches("<g class=\"failed\"").count(), 8, "{svg}");
        assert_eq!(svg.matches(">no end<").count(), 4, "{svg}");
    }

    #[test]
    fn many_names_are_left_to_the_list_but_no_circle() {
        let mut text: String = (0..40)
            .map(|at| format!("server {{ listen 80; server_name n{at}.test; return 301 http://n{}.test/; }}\n", at + 1))
            .collect();
        text.push_str("server { listen 80; server_name last.test; return 301 http://last.test/; }");
        let (svg, left) = drawn(&text);
        assert_eq!(left, 41 - MOST);
        assert!(svg.contains(">last.test<") && svg.contains(">n0.test<") && !svg.contains(">n20.test<"), "{svg}");
        // One of the names that are not drawn is named in the box that leads there.
        assert!(svg.contains("301 ↗ n11.test"), "{svg}");
    }

    #[test]
    fn everything_lies_within_the_drawing() {
        let many: String = (0..30)
            .map(|at| {
                format!("server {{ listen 80; server_name n{at}.test; return 301 http://n{}.test/; }}\n", at * 7 % 12)
            })
            .collect();
        let (svg, _) = drawn(&many);
        let height = 12 * ROW - 16;
        for path in svg.split(" d=\"M").skip(1).filter_map(|rest| rest.split('"').next()) {
            let (start, rest) = path.split_once(['H', 'l']).unwrap();
            let (x, y) = start.split_once(' ').unwrap();
            let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
            assert!((0..=WIDTH).contains(&x) && (0..=height).contains(&y), "{path}");
            for lane in rest.split(['H', 'V']).filter_map(|number| number.parse::<i32>().ok()) {
                assert!((0..=WIDTH.max(height)).contains(&lane), "{path}");
            }
        }
    }

    #[test]
    fn long_and_hostile_names_stay_short_text() {
        let name = format!("{}.test", "a".repeat(200));
        let (svg, _) = drawn(&format!("server {{ listen 80; server_name {name} <script>; return 200; }}"));
        assert!(!svg.contains(&name) && svg.contains("…") && !svg.contains("<script"), "{svg}");
        assert_eq!(shortened("abcdefgh", 5), "ab…gh");
    }
}
