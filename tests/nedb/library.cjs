'use strict'
// The real libraries, found in a folder that npm filled, and what both of them offer as promises.
const fs = require('node:fs')
const { createRequire } = require('node:module')
const os = require('node:os')
const path = require('node:path')
const util = require('node:util')

const RealDate = Date
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

// nedb 1.8.0 calls functions that later versions of Node no longer have.
util.isDate ??= value => util.types.isDate(value)
util.isRegExp ??= value => util.types.isRegExp(value)
util.isArray ??= value => Array.isArray(value)

function findLibraries (folder) {
  const load = createRequire(path.join(folder, 'package.json'))
  const library = name => ({
    Datastore: load(name),
    model: load(`${name}/lib/model.js`),
    customUtils: load(`${name}/lib/customUtils.js`)
  })
  const made = new Map()
  return name => {
    const module = { 4: '@seald-io/nedb', 1: 'nedb' }[name]
    if (!module) throw new Error(`unknown library ${name}`)
    if (!made.has(module)) made.set(module, library(module))
    return made.get(module)
  }
}

// nedb 1.8.0 throws some errors where no callback hears them; they are the answer to the call
// that was made last.
const listeners = new Set()
process.on('uncaughtException', error => {
  [...listeners].at(-1)?.(new Error(`CRASH: ${error.message}`))
})

function orCrash (work) {
  let listener
  const crash = new Promise((resolve, reject) => { listener = reject })
  listeners.add(listener)
  return Promise.race([(async () => work())(), crash]).finally(() => listeners.delete(listener))
}

function call (target, method, ...args) {
  return orCrash(() => new Promise((resolve, reject) => {
    target[method](...args, (error, ...results) => error ? reject(error) : resolve(results))
  }))
}

async function open (library, filename, options = {}) {
  const db = new library.Datastore({ filename, ...options })
  await call(db, 'loadDatabase')
  return db
}

async function compact (db) {
  if (db.compactDatafileAsync) return db.compactDatafileAsync()
  return new Promise(resolve => {
    db.once('compaction.done', resolve)
    db.persistence.compactDatafile()
  })
}

// Loading rewrites a datafile, so that all work is done on a copy.
async function withCopy (file, work) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nedb-oracle-'))
  const copy = path.join(folder, 'copy.db')
  try {
    for (const end of ['', '~']) {
      if (file && fs.existsSync(file + end)) fs.writeFileSync(copy + end, fs.readFileSync(file + end))
    }
    return await work(copy)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

// Stop the clock, and take identities from random(), while the work goes on.
async function withFixedChance (library, { now, random }, work) {
  const uid = library.customUtils.uid
  const clock = { now }
  if (now !== undefined) {
    globalThis.Date = class extends RealDate {
      constructor (...args) { super(...(args.length ? args : [clock.now])) }
      static now () { return clock.now }
    }
  }
  library.customUtils.uid = length => Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('')
  try {
    return await work(clock)
  } finally {
    globalThis.Date = RealDate
    library.customUtils.uid = uid
  }
}

// Pseudo-random numbers from 0 up to 1, the same ones for the same seed.
function chance (seed) {
  let state = (seed * 2654435761 + 1) >>> 0
  return () => {
    state = (state + 0x9E3779B9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21F0AAAD)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735A2D97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

module.exports = { call, chance, compact, findLibraries, open, orCrash, withCopy, withFixedChance }
