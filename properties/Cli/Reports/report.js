'use strict';
const story = JSON.parse(document.getElementById('story').textContent);
const steps = story.steps;
const last = steps.length - 1;
const ZERO_PAGE = -1, GUARD = -2, LONGEST_STRETCH = 24, PROTECTION = { 0: '---', 1: 'r--', 2: '-w-', 3: 'rw-' };
const byId = id => document.getElementById(id);
let at = -1;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter(child => child !== null && child !== ''));
  return made;
}

const hex = page => page < 0 ? String(page) : '0x' + page.toString(16);
const letter = folio => folio < 26 ? String.fromCharCode(97 + folio) : String(folio);
const namesOf = (bits, value) => Object.keys(bits).filter(name => (value & bits[name]) !== 0);
const words = name => name.replaceAll('_', ' ');

// A folio keeps its colour from step to step: it goes with the first frame, in the order in which frames are met.
const hues = new Map();
for (const step of steps) {
  for (const state of [step.expected, step.found]) {
    for (const folio of state ? state.folios : []) {
      if (!hues.has(folio.frame)) hues.set(folio.frame, Math.round((45 + hues.size * 137.508) % 360));
    }
  }
}
const hueOf = (state, id) => hues.get(folioOf(state, id).frame);
const folioOf = (state, id) => state.folios.find(folio => folio.folio === id);
const shown = number => steps[number].found || steps[number].expected;

// ---- what one entry shows

function entryText(state, run, offset) {
  const bits = namesOf(story.bits, run.bits);
  const has = name => bits.includes(name);
  if (run.folio === GUARD) return { glyph: '#', marks: '...', kind: 'guard', label: 'guard marker', same: 'guard' };
  const marks = ' ' + (has('writable') ? 'W' : '.') + (has('dirty') ? 'D' : '.');
  const more = (has('cont_pte') ? 'C' : '');
  const others = bits.map(words).join(', ');
  if (run.folio === ZERO_PAGE) {
    return { glyph: has('uffd_wp') ? '!' : '0', marks: marks.trim() + '.' + more, kind: 'zero', label: 'zero page ' + others, same: 'zero ' + run.bits };
  }
  const folio = folioOf(state, run.folio);
  const index = run.index + offset;
  const exclusive = folio.exclusive[index] !== 0;
  let glyph = letter(run.folio);
  if (run.folio >= 26) glyph = String.fromCharCode(97 + run.folio % 26);
  if (has('writable')) glyph = glyph.toUpperCase();
  if (has('uffd_wp') && !has('writable')) glyph = '!';
  if (has('prot_none')) glyph = '-';
  return {
    glyph, marks: marks.trim() + (exclusive ? 'X' : '.') + more, kind: 'mapped', hue: hueOf(state, run.folio),
    label: `folio ${letter(run.folio)} page ${index}, ${others}${exclusive ? ', exclusive' : ''}, holds ${folio.contents[index]}`,
    same: `${folio.frame + index} ${run.bits} ${exclusive} ${folio.contents[index]}`,
  };
}

// All entries of a state by process and page, for comparing; a run longer than a screen counts as one.
function entriesOf(state) {
  const entries = new Map();
  for (const process of state ? state.processes : []) {
    for (const run of process.entries) {
      const count = run.folio === GUARD ? Math.min(run.count, LONGEST_STRETCH) : run.count;
      for (let i = 0; i < count; i++) entries.set(`${process.process}:${run.page + i}`, entryText(state, run, i).same);
    }
  }
  return entries;
}

const none = { glyph: '·', marks: '...', kind: 'none', label: 'nothing', same: undefined };

function cell(process, page, entry, compare) {
  const made = element('li', 'cell ' + entry.kind, element('b', '', entry.glyph), element('i', '', entry.marks));
  if (entry.hue !== undefined) made.style.setProperty('--hue', entry.hue);
  if (page % story.table === 0) made.classList.add('table');
  made.dataset.process = process;
  made.dataset.page = page;
  made.dataset.entry = `${entry.glyph} ${entry.marks}`;
  const key = `${process}:${page}`;
  let label = `page ${hex(page)}: ${entry.label}`;
  if (compare.before && compare.before.get(key) !== entry.same) {
    made.classList.add('changed');
    label += ', changed';
  }
  if (compare.other && compare.other.get(key) !== entry.same) {
    made.classList.add('differs');
    label += ', expected and found differ';
  }
  made.title = label;
  made.setAttribute('aria-label', label);
  return made;
}

function gap(count, what) {
  return element('li', 'cell gap', `${count} ${what}`);
}

function strip(state, process, vma, compare) {
  const list = element('ol', 'strip');
  list.setAttribute('aria-label', `entries of process ${process.process} from ${hex(vma.start)}`);
  const end = vma.start + vma.length;
  const stretch = (from, count, entryAt, what) => {
    const draw = what !== null && count > LONGEST_STRETCH ? 4 : count;
    for (let i = 0; i < draw; i++) list.append(cell(process.process, from + i, entryAt(i), compare));
    if (draw < count) list.append(gap(count - draw, what));
  };
  let page = vma.start;
  for (const run of process.entries) {
    if (run.page < vma.start || run.page >= end) continue;
    stretch(page, run.page - page, () => none, 'more empty');
    stretch(run.page, run.count, i => entryText(state, run, i), run.folio < 0 ? (run.folio === GUARD ? 'more guards' : 'more zero pages') : null);
    page = run.page + run.count;
  }
  stretch(page, end - page, () => none, 'more empty');
  return list;
}

// ---- counters

function counter(name, value, before, other) {
  const made = element('li', 'counter', words(name) + ' ', element('b', '', String(value)));
  made.dataset.counter = name;
  if (value === 0 || value === -1) made.classList.add('idle');
  if (before !== undefined && before !== value) {
    made.classList.add('changed');
    made.title = `was ${before}`;
  }
  if (other !== undefined && other !== value) {
    made.classList.add('differs');
    made.title = `the other has ${other}`;
  }
  return made;
}

// Every field that is a number: what a mechanism adds is shown without a change here. "was" is null where there is nothing to compare with.
function counters(fields, was, other, skip) {
  const list = element('ul', 'counters');
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'number' && !skip.includes(name)) list.append(counter(name, value, was ? was[name] : undefined, other ? other[name] : undefined));
  }
  return list;
}

function vmaElement(state, process, vma, context) {
  const flags = namesOf(story.flags, vma.flags).map(words).join(', ');
  const line = element('p', 'vmaline', `${hex(vma.start)}–${hex(vma.start + vma.length)} ${PROTECTION[vma.protection]} ${vma.length} pages; ${flags || 'no flags'}`);
  line.dataset.vma = hex(vma.start);
  const find = other => other ? (other.processes.find(one => one.process === process.process) || { vmas: [] }).vmas.find(one => one.start === vma.start) || {} : null;
  const was = find(context.before), other = find(context.other);
  const fields = one => JSON.stringify([one.length, one.protection, one.flags]);
  if (was && fields(was) !== fields(vma)) line.classList.add('changed');
  if (other && fields(other) !== fields(vma)) line.classList.add('differs');
  const all = one => one && { offset: one.offset, anon_vma: one.anon_vma, ...one.smaps };
  const values = counters(all(vma), all(was), all(other), []);
  for (const value of [...values.children]) {
    if (value.matches('.idle:not(.changed, .differs)')) value.remove();
  }
  return element('div', 'vma', line, strip(state, process, vma, context.compare), values);
}

function processElement(state, process, context) {
  const find = other => other ? other.processes.find(one => one.process === process.process) || {} : null;
  const section = element('section', 'process', element('h3', '', `Process ${process.process}`), counters(process, find(context.before), find(context.other), ['process']));
  if (process.vmas.length === 0) section.append(element('p', '', 'no VMAs'));
  for (const vma of process.vmas) section.append(vmaElement(state, process, vma, context));
  return section;
}

function folioElement(state, folio, context) {
  const find = other => other ? other.folios.find(one => one.frame === folio.frame) || {} : null;
  const was = find(context.before), other = find(context.other);
  const chip = element('span', 'chip', letter(folio.folio));
  chip.style.setProperty('--hue', hues.get(folio.frame));
  const bar = element('ol', 'strip bar');
  bar.setAttribute('aria-label', `pages of folio ${letter(folio.folio)}: mapcount`);
  folio.mapcounts.forEach((mapcount, index) => {
    const page = element('li', 'cell page' + (mapcount === 0 ? ' unmapped' : ''), `${mapcount}${folio.exclusive[index] ? 'x' : ''}`);
    page.style.setProperty('--hue', hues.get(folio.frame));
    page.title = `page ${index}: mapcount ${mapcount}${folio.exclusive[index] ? ', exclusive' : ''}, holds ${folio.contents[index]}`;
    page.setAttribute('aria-label', page.title);
    const differs = one => one && (!one.mapcounts || one.mapcounts[index] !== mapcount || one.exclusive[index] !== folio.exclusive[index] || one.contents[index] !== folio.contents[index]);
    if (differs(was)) page.classList.add('changed');
    if (differs(other)) page.classList.add('differs');
    bar.append(page);
  });
  const isNew = context.before && was.frame === undefined;
  const section = element('section', 'folio', element('h3', '', 'Folio ', chip, isNew ? ' new' : ''), bar, counters(folio, was, other, ['folio']));
  section.dataset.folio = letter(folio.folio);
  return section;
}

// What was there in the step before and is not any more.
function goneElement(state, before) {
  const gone = [
    ...before.processes.filter(was => !state.processes.some(one => one.process === was.process)).map(was => `process ${was.process}`),
    ...before.folios.filter(was => !state.folios.some(one => one.frame === was.frame)).map(was => `folio ${letter(was.folio)} (order ${was.order}, frame ${was.frame})`),
  ];
  return gone.length === 0 ? null : element('p', 'gone', 'Gone since the step before: ' + gone.join(', '));
}

function machineElement(state, context) {
  const section = element('section', 'machinewide', element('h3', '', 'Machine'), counters(state.machine, context.before && context.before.machine, context.other && context.other.machine, []));
  for (const row of state.statistics) {
    const find = other => other ? other.statistics.find(one => one.order === row.order) || {} : null;
    if (Object.entries(row).some(([name, value]) => name !== 'order' && value !== 0)) section.append(counters(row, find(context.before), find(context.other), []));
  }
  const queue = element('p', 'counter', 'deferred-split queue: ', element('b', '', state.queue.map(letter).join(' ') || 'empty'));
  const frames = one => JSON.stringify(one.queue.map(id => folioOf(one, id).frame));
  if (context.before && frames(context.before) !== frames(state)) queue.classList.add('changed');
  if (context.other && frames(context.other) !== frames(state)) queue.classList.add('differs');
  section.append(queue);
  return section;
}

function stateElement(title, className, state, before, other) {
  const context = { before, other, compare: { before: before && entriesOf(before), other: other && entriesOf(other) } };
  return element('article', 'state ' + className, element('h2', '', title),
    ...state.processes.map(process => processElement(state, process, context)),
    ...state.folios.map(folio => folioElement(state, folio, context)),
    before && goneElement(state, before),
    machineElement(state, context));
}

// ---- the page

function outcomeOf(step) {
  return step.foundOutcome === null ? step.outcome : `${step.foundOutcome} (expected ${step.outcome})`;
}

function show(number) {
  number = Math.max(0, Math.min(last, Number.isFinite(number) ? number : 0));
  if (number === at) return;
  at = number;
  const step = steps[number];
  const before = number > 0 ? shown(number - 1) : null;
  byId('states').replaceChildren(...(step.found
    ? [stateElement('Found: the tested system', 'found', step.found, before, step.expected), stateElement('Expected: the reference', 'expected', step.expected, before, step.found)]
    : [stateElement('State: reference and tested system agree', 'agreed', step.expected, before, null)]));
  byId('slider').value = number;
  byId('status').textContent = number === 0 ? 'start: one process, nothing mapped' : `step ${number} of ${last + story.notReached.length}: ${step.operation} = ${outcomeOf(step)}`;
  byId('first').disabled = byId('previous').disabled = number === 0;
  byId('last').disabled = byId('next').disabled = number === last;
  [...byId('operations').children].forEach((item, index) => index === number ? item.setAttribute('aria-current', 'step') : item.removeAttribute('aria-current'));
  history.replaceState(null, '', '#step=' + number);
}

function verdict() {
  const place = byId('verdict');
  if (story.failure === null) {
    place.append(element('strong', '', 'Held: '), 'reference and tested system agree, and every property holds.');
    return;
  }
  place.classList.add('failed');
  const rows = [['check', story.failure.check], ['where', story.failure.where], [story.failure.found ? 'expected' : 'wrong', story.failure.expected]];
  if (story.failure.found) rows.push(['found', story.failure.found]);
  const list = element('dl', '');
  for (const [name, value] of rows) list.append(element('dt', '', name), element('dd', '', value));
  place.append(element('strong', '', `Fails at step ${story.failure.step}: ${steps[last].operation}`), list);
}

function operations() {
  steps.forEach((step, index) => {
    const button = element('button', '', index === 0 ? 'start' : `${step.operation} = ${outcomeOf(step)}`);
    button.type = 'button';
    button.addEventListener('click', () => show(index));
    const item = element('li', story.failure && story.failure.step === index ? 'failing' : '', button);
    byId('operations').append(item);
  });
  for (const missed of story.notReached) byId('operations').append(element('li', '', element('span', 'missed', missed)));
}

function stepInAddress() {
  const match = /^#step=(\d+)$/.exec(location.hash);
  return match ? Number(match[1]) : null;
}

byId('name').textContent = story.name;
byId('command').textContent = story.command;
byId('machine').textContent = story.machine;
byId('thp').textContent = story.thp;
byId('notes').append(...story.notes.map(note => element('li', '', note)));
byId('slider').max = last;
verdict();
operations();
byId('slider').addEventListener('input', event => show(Number(event.target.value)));
byId('first').addEventListener('click', () => show(0));
byId('previous').addEventListener('click', () => show(at - 1));
byId('next').addEventListener('click', () => show(at + 1));
byId('last').addEventListener('click', () => show(last));
addEventListener('hashchange', () => show(stepInAddress() ?? at));
addEventListener('keydown', event => {
  const target = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
  if (target === undefined || event.ctrlKey || event.altKey || event.metaKey || event.target.id === 'slider') return;
  event.preventDefault();
  show(target);
});
show(stepInAddress() ?? last);
