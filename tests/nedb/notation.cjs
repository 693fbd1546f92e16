'use strict'
// Values of NeDB as text that survives a pipe: JSON, and marks for what JSON has no word for.
//   {"$$date": ms | null}   {"$$undefined": true}   {"$$number": "NaN" | "Infinity" | "-Infinity" | "-0"}
//   {"$$regex": source, "$$flags": flags}
// The canonical text has no spaces and its keys sorted by code point, as Python sorts strings.

const tag = value => Object.prototype.toString.call(value).slice(8, -1)

function byCodePoint (a, b) {
  let i = 0
  while (i < a.length && i < b.length) {
    const x = a.codePointAt(i)
    const y = b.codePointAt(i)
    if (x !== y) return x - y
    i += x > 0xFFFF ? 2 : 1
  }
  return a.length - b.length
}

function canonicalNumber (number) {
  if (Number.isFinite(number) && !Object.is(number, -0)) return String(number)
  return `{"$$number":"${Object.is(number, -0) ? '-0' : number}"}`
}

function canonicalObject (value) {
  const name = tag(value)
  if (name === 'Date') return `{"$$date":${Number.isNaN(value.getTime()) ? 'null' : value.getTime()}}`
  if (name === 'RegExp') return `{"$$flags":"${value.flags}","$$regex":${JSON.stringify(value.source)}}`
  const members = Object.keys(value).sort(byCodePoint)
  return `{${members.map(key => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`
}

function canonical (value) {
  if (value === undefined) return '{"$$undefined":true}'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `[${Array.from(value, canonical).join()}]` // holes count as undefined
  switch (typeof value) {
    case 'number': return canonicalNumber(value)
    case 'string': case 'boolean': return JSON.stringify(value)
    case 'object': return canonicalObject(value)
    default: return `{"$$${typeof value}":true}` // a function: NeDB would drop it
  }
}

const marks = {
  $$date: ms => new Date(ms === null ? NaN : ms),
  $$undefined: () => undefined,
  $$number: name => Number(name) // Number('-0') is -0
}

// Turn what JSON.parse made of the notation into the values meant.
function revive (notation) {
  if (notation === null || typeof notation !== 'object') return notation
  if (Array.isArray(notation)) return notation.map(revive)
  const keys = Object.keys(notation)
  if (keys.length === 1 && Object.hasOwn(marks, keys[0])) return marks[keys[0]](notation[keys[0]])
  if (Object.hasOwn(notation, '$$regex')) return new RegExp(notation.$$regex, notation.$$flags || '')
  const value = {}
  for (const key of keys) {
    // An assignment to __proto__ would not make a field.
    Object.defineProperty(value, key, { value: revive(notation[key]), configurable: true, enumerable: true, writable: true })
  }
  return value
}

module.exports = { byCodePoint, canonical, revive }
