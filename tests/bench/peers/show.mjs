// show.mjs - the results of bench.mjs as a table (markdown) and as a picture (SVG).

const NAMES = {
    tickwire: 'Tickwire',
    bare: 'bare program',
    ws: 'ws, JSON deltas',
    socketio: 'Socket.IO, JSON deltas',
    colyseus: 'Colyseus, StateView',
};

const n = (value, digits = 1) => (value === undefined ? '' : value.toFixed(digits));

function rowsOf(clients, figures) {
    return Object.entries(figures).map(
        ([name, f]) =>
            `| ${clients} | ${NAMES[name]} | ${n(f.bytes)} | ${n(f.cpu_us)} | ${n(f.user_us, 2)} | ${n(f.system_us)} | ` +
            `${n(f.over_bare, 2)} | ${n(f.updates_per_s, 1)} | ${n(f.idle_percent, 0)} / ${n(f.steal_percent, 1)} |`,
    );
}

export function writeTable(results) {
    const rows = [
        ...(results.with_200 ? rowsOf(200, results.with_200) : []),
        ...(results.with_1000 ? rowsOf(1000, results.with_1000) : []),
        ...(results.with_5000 ? rowsOf(5000, results.with_5000) : []),
    ];
    const views = Object.entries(results.views ?? {}).map(
        ([name, { checked, wrong }]) => `${NAMES[name]} ${checked} (${wrong} differ)`,
    );

    return `${results.date}, ${results.machine}; medians of ${results.rounds} rounds.

| clients | server | bytes per update | server CPU µs per update | user | system | over bare | updates/s each | idle / stolen % |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}
${views.length > 0 ? `\nViews compared with the world, one of each client at each tick: ${views.join(', ')}.\n` : ''}`;
}

/* ---- the picture: two groups of bars ---- */

const WIDTH = 760;
const LABEL = 180;
const BAR = 22;
const GAP = 8;
const COLOURS = { tickwire: '#2166ac', bare: '#999999' };

function drawBars(figures, { title, read, y }) {
    const entries = Object.entries(figures);
    const most = Math.max(...entries.map(([, f]) => read(f).at(-1)));
    const scale = (WIDTH - LABEL - 90) / most;
    const parts = [`<text x="0" y="${y + 16}" class="title">${title}</text>`];

    entries.forEach(([name, f], i) => {
        const top = y + 28 + i * (BAR + GAP);
        const values = read(f); // cumulative; the first part is drawn darker
        const colour = COLOURS[name] ?? '#b2624a';
        values
            .slice()
            .reverse()
            .forEach((value, part) =>
                parts.push(
                    `<rect x="${LABEL}" y="${top}" width="${n(value * scale)}" height="${BAR}" fill="${colour}" ` +
                        `opacity="${part === values.length - 1 ? 1 : 0.55}"/>`,
                ),
            );
        parts.push(`<text x="${LABEL - 8}" y="${top + 16}" class="name">${NAMES[name]}</text>`);
        parts.push(
            `<text x="${n(LABEL + values.at(-1) * scale + 6)}" y="${top + 16}">${n(values.at(-1))}</text>`,
        );
    });
    return { svg: parts.join('\n'), height: 28 + entries.length * (BAR + GAP) };
}

export function drawSvg(results) {
    const figures = results.with_200;
    const cpu = drawBars(figures, {
        title: 'server CPU µs for each client and update; dark: user time',
        read: (f) => [f.user_us, f.cpu_us],
        y: 0,
    });
    const bytes = drawBars(figures, {
        title: 'bytes on the wire for each client and update',
        read: (f) => [f.bytes],
        y: cpu.height + 16,
    });
    const height = cpu.height + bytes.height + 72;

    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 -12 ${WIDTH + 32} ${height + 16}" role="img"
     aria-label="Server CPU and bytes for each client and update, 200 clients, by server">
<style>
text { font: 13px sans-serif; fill: #222 }
.title { font-weight: bold }
.name { text-anchor: end }
.note { fill: #666; font-size: 11px }
</style>
<rect x="-16" y="-12" width="${WIDTH + 32}" height="${height + 16}" fill="#fff"/>
${cpu.svg}
${bytes.svg}
<text x="0" y="${height - 26}" class="note">200 clients at ${results.hz} Hz, each sees about 30 of 200 entities; medians of ${results.rounds} rounds; the machine was ${n(figures.tickwire.idle_percent, 0)} % idle.</text>
<text x="0" y="${height - 10}" class="note">${results.date}, ${results.machine}</text>
</svg>
`;
}
