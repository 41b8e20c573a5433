// effects.js - what an event looks like for a moment: sparks, rings, beams, rising texts.

import { drawGlow } from './glow.js';

const EFFECTS_MAX = 400;
const TURN = Math.PI * 2;
const DRAG = 3; // sparks lose most of their speed in a third of a second

/* By an effect's name: draws it, `t` in 0..1 of its time, `s` seconds old. */
const DRAW = {
    burst(context, effect, t, s) {
        const way = (1 - Math.exp(-DRAG * s)) / DRAG;

        context.globalCompositeOperation = 'lighter';
        context.globalAlpha = 1 - t * t;
        context.strokeStyle = effect.colour;
        context.lineWidth = effect.size * (1 - t * 0.7);
        context.beginPath();
        for (const { x, y } of effect.sparks) {
            const tail = Math.max(0, way - 0.035);

            context.moveTo(effect.x + x * tail, effect.y + y * tail);
            context.lineTo(effect.x + x * way, effect.y + y * way);
        }
        context.stroke();
    },
    ring(context, effect, t) {
        const grown = 1 - (1 - t) ** 3;

        context.globalCompositeOperation = 'lighter';
        context.globalAlpha = (1 - t) ** 1.5;
        context.strokeStyle = effect.colour;
        context.lineWidth = Math.max(0.5, effect.width * (1 - t));
        context.beginPath();
        context.arc(effect.x, effect.y, effect.radius * grown, 0, TURN);
        context.stroke();
    },
    glow(context, effect, t) {
        drawGlow(context, effect.x, effect.y, effect.radius * (0.6 + 0.4 * t), effect.colour, (1 - t) ** 2);
    },
    line(context, effect, t) {
        context.globalCompositeOperation = 'lighter';
        context.lineCap = 'round';
        for (const [width, alpha, colour] of [
            [effect.width * 3, 0.25, effect.colour],
            [effect.width, 0.8, effect.colour],
            [effect.width * 0.4, 1, '#ffffff'],
        ]) {
            context.globalAlpha = alpha * (1 - t) ** 1.5;
            context.strokeStyle = colour;
            context.lineWidth = width * (1 - 0.6 * t);
            context.beginPath();
            context.moveTo(effect.x, effect.y);
            context.lineTo(effect.toX, effect.toY);
            context.stroke();
        }
    },
    text(context, effect, t, s, isCalm) {
        context.globalAlpha = 1 - t ** 3;
        context.fillStyle = effect.colour;
        context.font = '600 12px system-ui, sans-serif';
        context.textAlign = 'center';
        context.fillText(effect.label, effect.x, effect.y - 16 - (isCalm ? 10 : 26 * t));
    },
};

function makeSparks({ count = 8, speed = 100 }) {
    return Array.from({ length: count }, () => {
        const angle = Math.random() * TURN;
        const v = speed * (0.25 + 0.75 * Math.random());

        return { x: Math.cos(angle) * v, y: Math.sin(angle) * v };
    });
}

export class Effects {
    constructor() {
        this.list = [];
        this.isCalm = false; // no sparks fly, and texts stand still
    }

    /* Starts the effects of one event. `colourOf(seat)` is a player's; `texts` fills texts in; `foreseen` is
     * the number of an event that may be withdrawn. */
    start(looks, values, colourOf, texts, nowS, foreseen = 0) {
        for (const look of looks) {
            const draw = DRAW[look.effect];
            const places = [...(look.at ?? ['x', 'y']), ...(look.to ?? [])];

            if (!draw || this.list.length >= EFFECTS_MAX) continue;
            if (this.isCalm && look.effect === 'burst') continue;
            if (places.some((field) => values[field] === undefined)) continue; // out of sight
            const colour = look.colour ?? '#ffffff';

            this.list.push({
                width: 2, size: 2, radius: 20,
                ...look,
                draw,
                startS: nowS,
                foreseen,
                seconds: look.seconds ?? 0.5,
                colour: colour.startsWith('#') ? colour : colourOf(values[colour]),
                x: values[look.at?.[0] ?? 'x'],
                y: values[look.at?.[1] ?? 'y'],
                toX: values[look.to?.[0]],
                toY: values[look.to?.[1]],
                sparks: look.effect === 'burst' ? makeSparks(look) : null,
                label: look.textOf?.((name) => values[name], texts) ?? '',
            });
        }
    }

    /* It did not happen: what shows it goes. */
    withdraw(foreseen) {
        this.list = this.list.filter((effect) => effect.foreseen !== foreseen);
    }

    draw(context, nowS) {
        this.list = this.list.filter(({ startS, seconds }) => nowS - startS < seconds);
        for (const effect of this.list) {
            const age = Math.max(0, nowS - effect.startS);

            context.save();
            effect.draw(context, effect, age / effect.seconds, age, this.isCalm);
            context.restore();
        }
    }
}
