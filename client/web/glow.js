// glow.js - soft discs of light, drawn once per colour: a shadow blur per shape would cost ten times that.

const PIXELS = 64;
const pictures = new Map();

function picture(colour) {
    const known = pictures.get(colour);

    if (known) return known;
    const canvas = document.createElement('canvas');

    canvas.width = canvas.height = PIXELS;
    const context = canvas.getContext('2d');
    const half = PIXELS / 2;
    const fade = context.createRadialGradient(half, half, 0, half, half, half);

    // Near to 1 / r², which is how light falls off, but ends at the rim.
    for (const [at, alpha] of [[0, 0.9], [0.12, 0.6], [0.3, 0.26], [0.55, 0.08], [1, 0]]) {
        fade.addColorStop(at, `${colour.slice(0, 7)}${Math.round(alpha * 255).toString(16).padStart(2, '0')}`);
    }
    context.fillStyle = fade;
    context.fillRect(0, 0, PIXELS, PIXELS);
    pictures.set(colour, canvas);
    return canvas;
}

/* Adds light around (x, y); `colour` is #rrggbb. */
export function drawGlow(context, x, y, radius, colour, alpha = 1) {
    const { globalCompositeOperation: operation, globalAlpha } = context;

    context.globalCompositeOperation = 'lighter';
    context.globalAlpha = globalAlpha * alpha;
    context.drawImage(picture(colour), x - radius, y - radius, 2 * radius, 2 * radius);
    context.globalCompositeOperation = operation;
    context.globalAlpha = globalAlpha;
}
