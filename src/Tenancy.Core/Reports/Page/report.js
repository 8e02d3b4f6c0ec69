// Shows tenants one by one and filters them. Everything is put in as text; nothing is asked of any network.
(() => {
'use strict';
const NAMES = 100;
const data = JSON.parse(document.getElementById('data').textContent);
const FIELDS = ['row', 'name', 'schema', 'place', 'changed', 'run', 'seconds', 'cause', 'shape', 'labels', 'step'];
const tenants = data.tenants.map(fields => Object.fromEntries(FIELDS.map((name, at) => [name, fields[at] ?? null])));
const byId = id => document.getElementById(id);
const number = count => count.toLocaleString('en-US');
const grid = byId('grid');
const width = grid.tHead.rows[0].cells.length;

// What each row of the grid has of the tenants that are shown, and how many of those are listed under it (0: it is closed).
const rows = data.rows.map(([status, cells], index) => ({
  status, cells, element: grid.tBodies[0].rows[index], all: 0, shown: [], listed: 0, list: null, button: null
}));
for (const tenant of tenants) rows[tenant.row].all++;

const columns = [
  ['Tenant', tenant => tenant.name],
  ['Schema', tenant => tenant.schema],
  ['Database', tenant => data.places[tenant.place]],
  ['Changed (UTC)', tenant => tenant.changed === null ? null : new Date(tenant.changed * 1000).toISOString().slice(0, 19).replace('T', ' ')],
  ['Step', tenant => tenant.step],
  ['Run', tenant => tenant.run === null ? null : data.runs[tenant.run]],
  ['Failure', tenant => tenant.cause === null ? null : data.causes[tenant.cause]],
  ['Seconds', tenant => tenant.seconds],
  ['Schema is', tenant => tenant.shape === null ? null : data.shapes[tenant.shape]],
  ['Labels', tenant => tenant.labels === null ? null : data.labels[tenant.labels]],
].filter(([, read]) => tenants.some(tenant => read(tenant) !== null));

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function openList(row, index) {
  const line = element('tr', null, { class: 'list', id: 'list-' + index });
  const cell = element('td', null, { colspan: width });
  const table = element('table', null);
  table.append(element('caption', 'Tenants of the row above'));
  const head = table.createTHead().insertRow();
  for (const [name] of columns) head.append(element('th', name, { scope: 'col' }));
  table.createTBody();
  const more = element('button', '', { type: 'button' });
  more.addEventListener('click', () => { row.listed += NAMES; fill(row); });
  const scroll = element('div', null, { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Tenants of the row above' });
  scroll.append(table);
  cell.append(scroll, more);
  line.append(cell);
  row.element.after(line);
  row.list = { line, body: table.tBodies[0], more };
}

function fill(row) {
  const { body, more } = row.list;
  const end = Math.min(row.listed, row.shown.length);
  for (let at = body.rows.length; at < end; at++) {
    const line = body.insertRow();
    columns.forEach(([, read], column) => {
      const cell = element(column ? 'td' : 'th', null, column ? {} : { scope: 'row' });
      cell.append(element('bdi', read(row.shown[at])));
      line.append(cell);
    });
  }
  const left = row.shown.length - end;
  more.hidden = left === 0;
  more.textContent = `Show ${number(Math.min(NAMES, left))} more of ${number(left)}`;
}

function toggle(row, index) {
  if (row.listed) {
    row.list.line.remove();
    row.list = null;
    row.listed = 0;
  } else {
    row.listed = NAMES;
    openList(row, index);
    fill(row);
  }
  row.button.setAttribute('aria-expanded', String(row.listed > 0));
}

const value = id => byId(id)?.value ?? '';

function makeTest() {
  const text = value('f-text').trim().toLowerCase();
  const [run, cause, shape] = [value('f-run'), value('f-cause'), value('f-shape')];
  return tenant => (!text || (tenant.search ??= [tenant.name, tenant.schema, data.places[tenant.place], data.labels[tenant.labels]].join('\n').toLowerCase()).includes(text))
    && (!run || data.runs[tenant.run] === run)
    && (!cause || tenant.cause === Number(cause))
    && (!shape || tenant.shape === Number(shape));
}

function isRowMeant(row) {
  const [status, revision, has] = [value('f-status'), value('f-revision'), value('f-has')];
  const cell = row.cells[revision];
  return (!status || row.status === status)
    && (!revision || (has === 'has' ? cell === 'a' : has === 'failed' ? cell === 'f' : cell !== 'a'));
}

function filter() {
  const test = makeTest();
  const meant = rows.map(isRowMeant);
  for (const row of rows) row.shown = [];
  let count = 0;
  for (const tenant of tenants) {
    if (meant[tenant.row] && test(tenant)) {
      rows[tenant.row].shown.push(tenant);
      count++;
    }
  }
  for (const row of rows) {
    row.element.hidden = row.shown.length === 0;
    row.button.textContent = row.shown.length === row.all ? number(row.all) : `${number(row.shown.length)} of ${number(row.all)}`;
    if (row.list) {
      row.listed = NAMES;
      row.list.line.hidden = row.shown.length === 0;
      row.list.body.replaceChildren();
      fill(row);
    }
  }
  byId('shown').textContent = count === tenants.length ? '' : `${number(count)} of ${number(tenants.length)} tenants`;
}

rows.forEach((row, index) => {
  row.button = element('button', '', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'list-' + index, class: 'n' });
  row.button.addEventListener('click', () => toggle(row, index));
  row.element.querySelector('.n').replaceWith(row.button);
});
for (const control of byId('filter').querySelectorAll('input, select')) control.addEventListener('input', filter);
byId('f-clear').addEventListener('click', () => {
  for (const control of byId('filter').querySelectorAll('input, select')) control.value = control.id === 'f-has' ? 'has' : '';
  filter();
});
for (const button of document.querySelectorAll('button[data-cause]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    byId('f-clear').click();
    byId('f-cause').value = button.dataset.cause;
    filter();
    byId('f-cause').focus();
    byId('fleet').scrollIntoView();
  });
}
byId('filter').hidden = false;
filter();
})();
