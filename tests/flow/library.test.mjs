// client/web/tickwire.js as a library: its types say what it is, the example of client/README.md is right by
// them, and it is small.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { exampleOf } from '../lib/library.mjs';
import { buildDir } from '../lib/server.mjs';

const WEB = new URL('../../client/web/', import.meta.url).pathname;
const TSC = new URL('../node_modules/typescript/bin/tsc', import.meta.url).pathname;
const SIZE_MAX_BYTES = 60_000;
const STRICT = ['--strict', '--target', 'es2022', '--module', 'es2022', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.iterable'];

const parse = (name) => ts.createSourceFile(name, readFileSync(join(WEB, name), 'utf8'), ts.ScriptTarget.ES2022, true);
const script = parse('tickwire.js');
const types = parse('tickwire.d.ts');

const nameOf = (node) => node.name?.getText();
const isExported = (node) => node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

/* The first node below (or at) `node` that `accepts`, in the order of the text. */
function find(node, accepts) {
    return accepts(node) ? node : ts.forEachChild(node, (child) => find(child, accepts));
}

/* {name: its declaration} of the exported constants. */
function constants(source) {
    const statements = source.statements.filter((node) => ts.isVariableStatement(node) && isExported(node));

    return new Map(statements.flatMap(({ declarationList }) => declarationList.declarations.map((one) => [nameOf(one), one])));
}

/* A constant's number, or the numbers of its members. */
function valueOf(node) {
    const literal = node.initializer ?? node.type;
    const number = (text) => Number(text.getText());

    if (ts.isObjectLiteralExpression(literal))
        return Object.fromEntries(literal.properties.map((member) => [nameOf(member), number(member.initializer)]));
    if (ts.isTypeLiteralNode(literal))
        return Object.fromEntries(literal.members.map((member) => [nameOf(member), number(member.type)]));
    return number(literal);
}

/* What a class offers: [how it is called, how many arguments it takes, how many of them it needs]. */
function offers(source) {
    const { members } = find(source, (node) => ts.isClassDeclaration(node) && nameOf(node) === 'Tickwire');
    const isPublic = (member) => !member.name || !ts.isPrivateIdentifier(member.name);
    const isNeeded = ({ initializer, questionToken }) => !initializer && !questionToken;

    return members.filter(isPublic).map((member) => {
        const isStatic = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
        const name = `${isStatic ? 'static ' : ''}${nameOf(member) ?? 'constructor'}`;

        if (ts.isPropertyDeclaration(member)) return name;
        const needed = member.parameters.filter(isNeeded).length;
        return `${name}(${needed}${needed < member.parameters.length ? ` to ${member.parameters.length}` : ''})`;
    });
}

/* The keys that an interface has; of a union's parts, all. */
function typedKeys(name) {
    const node = find(types, (one) => ts.isInterfaceDeclaration(one) && nameOf(one) === name);

    return node.members.map(nameOf).sort();
}

const literalIn = (node) => find(node, ts.isObjectLiteralExpression);
const keysOf = (literal) => literal.properties.map(nameOf).sort();
const methodOf = (name) => find(script, (node) => ts.isMethodDeclaration(node) && nameOf(node) === name);
const returnedBy = (name) => literalIn(find(methodOf(name), ts.isReturnStatement));
const memberOf = (literal, name) => literal.properties.find((member) => nameOf(member) === name);

/* The texts of a list that stands in the script. */
function listed(name) {
    const node = find(script, (one) => ts.isVariableDeclaration(one) && nameOf(one) === name);

    return node.initializer.elements.map(({ text }) => text);
}

test('every export is typed, with the values that it has', () => {
    const [written, typed] = [script, types].map(constants);

    assert.deepEqual([...typed.keys()].sort(), [...written.keys()].sort());
    for (const [name, node] of written) assert.deepEqual(valueOf(typed.get(name)), valueOf(node), name);
});

test('every method and property of Tickwire is typed, and nothing else', () => {
    assert.deepEqual(offers(types).sort(), offers(script).sort());
});

test('what the methods answer is typed key by key', () => {
    const game = returnedBy('#readGame');
    const kind = literalIn(memberOf(game, 'kinds'));

    assert.deepEqual(keysOf(game), typedKeys('Game'));
    assert.deepEqual(keysOf(kind), typedKeys('Kind'));
    assert.deepEqual(keysOf(literalIn(memberOf(kind, 'fields'))), typedKeys('Field'));
    assert.deepEqual(keysOf(literalIn(memberOf(game, 'usercmdFields'))), typedKeys('UsercmdField'));
    assert.deepEqual(keysOf(literalIn(memberOf(game, 'eventKinds'))), typedKeys('EventKind'));
    assert.deepEqual(keysOf(returnedBy('frame')), typedKeys('Frame'));
    assert.deepEqual(keysOf(returnedBy('verdict')), typedKeys('Verdict'));
    assert.deepEqual([...listed('STATS'), 'unsentBytes'].sort(), typedKeys('Stats'));
    assert.deepEqual(listed('PLAYBACK').sort(), typedKeys('Playback'));
});

test('the example is right by the types, and what is not is found', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-types-'));

    t.after(() => rmSync(dir, { recursive: true }));
    copyFileSync(join(WEB, 'tickwire.d.ts'), join(dir, 'tickwire.d.ts'));
    writeFileSync(join(dir, 'example.ts'), exampleOf());
    writeFileSync(join(dir, 'wrong.ts'), exampleOf().replace('game.halfX', 'game.halfZ').replace("colour: 3", "colour: 'red'"));
    const args = [TSC, '--noEmit', ...STRICT, 'example.ts', 'wrong.ts', 'tickwire.d.ts'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: dir }).catch((error) => error);
    const complaints = stdout.trim().split('\n');

    assert.deepEqual(complaints.filter((line) => !line.startsWith('wrong.ts(')), []);
    assert.match(stdout, /'halfZ' does not exist on type 'Game'/);
    assert.match(stdout, /'string' is not assignable to type 'number'/);
    assert.ok(exampleOf().trimEnd().split('\n').length <= 40);
});

test('scripts and module are small', (t) => {
    const sizes = ['tickwire.js', 'socketio.js', 'tickwire.wasm'].map((name) => [
        name, gzipSync(readFileSync(join(buildDir, 'web', name)), { level: 9 }).length,
    ]);
    const sum = sizes.reduce((bytes, [, size]) => bytes + size, 0);

    t.diagnostic(`gzipped: ${sizes.map(([name, size]) => `${name} ${size}`).join(', ')}: ${sum} bytes`);
    assert.ok(sum < SIZE_MAX_BYTES, `${sum} bytes`);
});

test('it depends on nothing but what lies beside it', () => {
    for (const source of [script, parse('socketio.js')]) {
        const from = source.statements.filter(ts.isImportDeclaration).map(({ moduleSpecifier }) => moduleSpecifier.text);

        assert.deepEqual(from.filter((specifier) => specifier !== './socketio.js'), []);
    }
});
