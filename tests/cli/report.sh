#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The report: a page that loads nothing and runs nothing, in a real browser too, whatever jobs have in their texts.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
page=$work/page.html

# ---- text of enemies, wherever text can be
evil='<script>document.title="owned"</script><img src=x onerror="document.title=1"><style>*{display:none}</style></table></section>'
sqlite3 "$store" >/dev/null <<-EOF_SQL
	UPDATE job SET command = '$evil', source = CAST('$evil' || char(10, 27) || '[2J' AS BLOB), schedule = '''; DROP TABLE job; --'
		WHERE path = '/etc/cron.d/zz-update';
	UPDATE job SET command = CAST(x'2f746d702ffffec3281b5b324ae280ae' AS TEXT) WHERE path = '/etc/systemd/system/backup.timer';
	UPDATE job SET command = replace(hex(zeroblob(1000000)), '00', 'A'), owner = '$evil', package = '{command}{n}' WHERE path LIKE '/var/spool/%';
	INSERT INTO finding (name, text, since_ns) VALUES ('$evil', '$evil', 1);
EOF_SQL
append "$(jq -nc --arg evil "$evil" '{seq: 200, kind: "write", action: "create", verdict: "deny", reason: "not-a-writer", rule: $evil, object: {path: $evil},
	subject: {pid: 1, uid: 0, euid: 0, exe: $evil, comm: $evil, tty: $evil, argv: [$evil, ("x" * 100000)], ancestors: [{pid: 1, uid: 0, comm: $evil, exe: $evil}],
	origin: {kind: "ssh", address: $evil}}}')"
jw report --html "$page"
ok "report" is "$rc" 0
ok "says nothing" silent
ok "only its owner may read it" is "$(stat -c %a "$page")" 600
ok "it is not of the size of what it shows" [ "$(stat -c %s "$page")" -lt 300000 ]
ok "no element of theirs" not grep -qE '<(script|img|style>\*)' "$page"
ok "no address to load" not grep -qE '(src|href|action)="[^#]' "$page"
ok "no style attribute, no handler" not grep -qE '<[^>]* (style|on[a-z]+)=' "$page"
ok "nothing acts on a terminal" not grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$page"
ok "it is UTF-8" iconv -f UTF-8 -t UTF-8 "$page" -o /dev/null
ok "the text is there, as text" grep -qF '&lt;script&gt;document.title=&quot;owned&quot;&lt;/script&gt;' "$page"
ok "a text is no template" grep -qF '{command}{n}' "$page"
ok "bytes that are no characters, and those that turn the writing" grep -qF '/tmp/\xff\xfe\xc3(\x1b[2J\u202e' "$page"
ok "the policy allows one style by its digest, and nothing else" is "$(grep -o 'Content-Security-Policy" content="[^"]*"' "$page")" \
	"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-$(python3 -c 'import base64, hashlib, re, sys
print(base64.b64encode(hashlib.sha256(re.search("<style>(.*?)</style>", open(sys.argv[1]).read(), re.S).group(1).encode()).digest()).decode())' "$page")'; base-uri 'none'; form-action 'none'\""
cat >"$work/check.py" <<'EOF_PY'
import html.parser, sys
class Page(html.parser.HTMLParser):
    void = {"meta", "link", "br", "img"}
    def __init__(self):
        super().__init__(); self.open = []; self.bad = []; self.ids = []; self.refs = []; self.heads = []
    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in self.void: self.open.append(tag)
        if "id" in attrs: self.ids.append(attrs["id"])
        self.refs += attrs.get("aria-labelledby", "").split() + ([attrs["href"][1:]] if "href" in attrs else [])
        if tag == "th" and attrs.get("scope") not in ("col", "row"): self.bad.append("th without scope")
        if tag == "svg" and not attrs.get("aria-label"): self.bad.append("svg without label")
        if tag in ("h1", "h2", "h3"): self.heads.append(int(tag[1]))
    def handle_startendtag(self, tag, attrs):
        if "id" in dict(attrs): self.ids.append(dict(attrs)["id"])
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag: self.bad.append("</%s> out of place" % tag)
page = Page(); page.feed(open(sys.argv[1]).read())
page.bad += ["open: %s" % t for t in page.open] + ["no #%s" % r for r in page.refs if r not in page.ids]
page.bad += ["#%s twice" % i for i in set(page.ids) if page.ids.count(i) > 1]
page.bad += ["a heading leaves a level out" for a, b in zip(page.heads, page.heads[1:]) if b > a + 1]
print("\n".join(sorted(set(page.bad))))
EOF_PY
ok "well formed: elements, ids, scopes, headings" is "$(python3 "$work/check.py" "$page")" ""
for words in "Not guarded: " "held by a livepatch" "nobody has approved this job" "jobward approve " "Scheduled Task/Job: Cron" "ssh from 10.0.0.5" "package: logrotate 3.21.0-1"; do
	ok "tells: $words" grep -qF "$words" "$page"
done
ok "lineage, lanes, bars" is "$(grep -cE 'aria-label="(Process tree|Timeline of denials|[0-9]+ events between)' "$page")" "$(($(grep -c '<details class="story"' "$page") + 3))"
jw report --html - --since -8m
ok "to standard output, of the last minutes" is "$(grep -c '<details class="story"' "$out")" 1
jw report --html "$work/none/page.html"
ok "nowhere: bad usage" is "$rc" 2
for bad_args in "" "--html $page --since never" "--html $page --since +1d" "--html $page x"; do
	# shellcheck disable=SC2086
	jw report $bad_args
	ok "bad usage: $bad_args" is "$rc" 2
done

# ---- in a browser
browse() { # ARG...: the page's DOM to out, what the console said to err
	HOME=$work timeout 120 chromium --headless=new --no-sandbox --disable-gpu --no-first-run --disable-extensions --user-data-dir="$work/browser" \
		--allow-file-access-from-files --enable-logging=stderr --v=0 "$@" >"$out" 2>"$work/log"
	grep CONSOLE "$work/log" >"$err"
	grep -q '</html>' "$out"
}
ok "the browser shows it" browse --dump-dom "file://$page"
ok "without a word on the console" [ ! -s "$err" ]
ok "the title is ours" grep -q '<title>jobward: ' "$out"
sed 's|</main>|<script>document.title = "owned"</script><p style="color: red">x</p></main>|' "$page" >"$work/broken.html"
browse --dump-dom "file://$work/broken.html"
ok "a script and a style that were smuggled in are refused" is "$(grep -c 'Content Security Policy' "$err")" 2
ok "and did not run" grep -q '<title>jobward: ' "$out"
# A page around it that measures: does anything stick out, is the style in force, and is light another than dark?
cat >"$work/measure.html" <<-'EOF_HTML'
	<!doctype html><html><body><pre></pre><script>
	const told = [];
	let left = 2;
	for (const width of [360, 1280]) {
		const frame = document.createElement("iframe");
		frame.width = width; frame.height = 900; frame.src = "page.html";
		frame.onload = () => {
			const d = frame.contentDocument;
			told.push([width, d.documentElement.scrollWidth <= width ? "fits" : "sticks out: " + d.documentElement.scrollWidth,
				d.querySelectorAll("section").length, frame.contentWindow.getComputedStyle(d.documentElement).backgroundColor].join("|"));
			if (!--left) document.querySelector("pre").textContent = told.sort().join("\n");
		};
		document.body.append(frame);
	}
	</script></body></html>
EOF_HTML
told() { sed -n '/<pre>/,/<\/pre>/{s/.*<pre>//; s/<\/pre>.*//; p}' "$out"; }
ok "it is measured, in light" browse --blink-settings=preferredColorScheme=1 --virtual-time-budget=5000 --dump-dom "file://$work/measure.html"
told >"$work/light"
ok "nothing sticks out, narrow or wide, and all parts are there" is "$(cut -d'|' -f1-3 "$work/light" | sort -n | paste -sd' ')" "360|fits|6 1280|fits|6"
ok "and in dark" browse --blink-settings=preferredColorScheme=0 --virtual-time-budget=5000 --dump-dom "file://$work/measure.html"
ok "which is dark" is "$(told | cut -d'|' -f4 | sort -u) on $(cut -d'|' -f4 "$work/light" | sort -u)" "rgb(21, 24, 27) on rgb(251, 251, 250)"
