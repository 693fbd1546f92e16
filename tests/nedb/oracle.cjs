'use strict'
// node oracle.cjs FOLDER: answers questions about NeDB with the libraries in FOLDER/node_modules.
// One request per line of input, {"id", "call", ...arguments}, gives one line of output,
// {"id", "ok": true, "result"} or {"id", "ok": false, "error"}. See oracle.py for the calls.
const fs = require('node:fs')
const readline = require('node:readline')
const { generate } = require('./generator.cjs')
const { call, chance, compact, findLibraries, open, orCrash, withCopy, withFixedChance } = require('./library.cjs')
const { byCodePoint, canonical, revive } = require('./notation.cjs')

const libraryOf = findLibraries(process.argv[2])

// What an answer tells of a value: its canonical text, and that of each element of an array.
const told = value => ({ text: canonical(value), elements: Array.isArray(value) ? Array.from(value, canonical) : null })

// ---- dump ----

const kindOf = line => {
  if (line._id) return line.$$deleted === true ? 'tombstones' : 'documents'
  if (line.$$indexCreated && line.$$indexCreated.fieldName != null) return 'index_lines'
  return typeof line.$$indexRemoved === 'string' ? 'index_removals' : 'ignored'
}

// nedb 1.8.0 takes what follows the last line end for a corrupt line, and forgives that one.
const beforeFirstLine = { 4: { lines: 0, corrupt: 0 }, 1: { lines: -1, corrupt: -1 } }

// Count the lines while the library reads them, by what it takes them for.
async function countingLines ({ model }, { lines, corrupt }, work) {
  const counts = { lines, corrupt, documents: 0, tombstones: 0, index_lines: 0, index_removals: 0, ignored: 0 }
  const deserialize = model.deserialize
  model.deserialize = text => {
    counts.lines += 1
    try {
      const line = deserialize(text)
      counts[kindOf(line)] += 1
      return line
    } catch (error) { // null is corrupt too: it has no _id to ask for
      counts.corrupt += 1
      throw error
    }
  }
  try {
    return [await work(), counts]
  } finally {
    model.deserialize = deserialize
  }
}

const rank = id => typeof id === 'number' ? 0 : typeof id === 'string' ? 1 : 2

function byIdentity ({ _id: a }, { _id: b }) {
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (rank(a) === 0) return a - b
  return rank(a) === 1 ? byCodePoint(a, b) : byCodePoint(canonical(a), canonical(b))
}

const definition = index => ({ fieldName: index.fieldName, unique: Boolean(index.unique), sparse: Boolean(index.sparse) })

async function dump ({ file, library: name, loads }) {
  if (!fs.existsSync(file) && !fs.existsSync(file + '~')) throw new Error(`${file} does not exist`)
  const library = libraryOf(name)
  return withCopy(file, async copy => {
    const load = () => open(library, copy).then(db => ({ db }), error => ({ error: error.message }))
    let [{ db, error }, counts] = await countingLines(library, beforeFirstLine[name], load)
    for (let again = 1; again < loads && db; again += 1) ({ db, error } = await load())
    const summary = { library: name, ...counts, error: error ?? null, count: null, indexes: [] }
    if (!db) return { refused: true, summary, documents: [] }
    const documents = db.getAllData().sort(byIdentity).map(canonical)
    Object.assign(summary, { count: documents.length, indexes: Object.values(db.indexes).map(definition) })
    return { refused: false, summary, documents }
  })
}

// ---- run ----

const order = sort => Array.isArray(sort) ? Object.fromEntries(sort) : sort

async function ask (db, method, op) {
  const cursor = method === 'count' ? db.count(op.query ?? {}) : db[method](op.query ?? {}, op.projection ?? {})
  if (op.sort) cursor.sort(order(op.sort))
  if (op.skip !== undefined) cursor.skip(op.skip)
  if (op.limit !== undefined) cursor.limit(op.limit)
  return (await call(cursor, 'exec'))[0]
}

const operations = {
  find: (db, op) => ask(db, 'find', op),
  findOne: (db, op) => ask(db, 'findOne', op),
  count: (db, op) => ask(db, 'count', op),
  insert: async (db, op) => (await call(db, 'insert', op.document))[0],
  update: async (db, op) => {
    const [numAffected, affectedDocuments, upsert] = await call(db, 'update', op.query, op.update, op.options ?? {})
    return { numAffected, affectedDocuments: affectedDocuments ?? null, upsert: Boolean(upsert) }
  },
  remove: async (db, op) => ({ numRemoved: (await call(db, 'remove', op.query, op.options ?? {}))[0] }),
  ensureIndex: async (db, op) => { await call(db, 'ensureIndex', op.options); return null },
  removeIndex: async (db, op) => { await call(db, 'removeIndex', op.field); return null },
  compact: async db => { await compact(db); return null }
}

async function answer (work) {
  try {
    return { error: null, ...told(await work()) }
  } catch (error) {
    return { error: error.message, text: null, elements: null }
  }
}

async function run ({ file, ops, library: name, timestamps, now }) {
  const library = libraryOf(name)
  const work = async copy => {
    const options = { timestampData: timestamps }
    let db = await open(library, copy, options)
    const perform = async op => {
      if (op.op === 'file') return fs.readFileSync(copy, 'utf8')
      if (op.op === 'load') { db = await open(library, copy, options); return null }
      if (!Object.hasOwn(operations, op.op)) throw new Error(`unknown op ${op.op}`)
      return operations[op.op](db, op)
    }
    const answers = []
    for (const op of ops) answers.push(await answer(() => perform(revive(op))))
    return answers
  }
  return withFixedChance(library, { now: now ?? undefined, random: chance(1) }, () => withCopy(file, work))
}

// ---- questions to the model alone ----

const textOf = ({ base64, text }) => base64 === undefined ? text : Buffer.from(base64, 'base64').toString('utf8')

const questions = {
  parse: (model, request) => model.deserialize(textOf(request)),
  canonical: (model, { value }) => revive(value),
  serialize: (model, { value }) => model.serialize(revive(value)),
  check: (model, { value }) => { model.checkObject(revive(value)); return null },
  compare: (model, { a, b }) => model.compareThings(revive(a), revive(b)),
  equal: (model, { a, b }) => model.areThingsEqual(revive(a), revive(b)),
  match: (model, { document, query }) => model.match(revive(document), revive(query)),
  modify: (model, { document, update }) => model.modify(revive(document), revive(update)),
  dot: (model, { document, path }) => model.getDotValue(revive(document), path)
}

async function many ({ questions: asked, library: name }) {
  const { model } = libraryOf(name)
  const answers = []
  for (const question of asked) {
    answers.push(await answer(() => questions[question.call](model, question)))
  }
  return answers
}

// ---- lines in, lines out ----

const calls = { dump, run, many, generate: request => generate(libraryOf(request.library), request) }

async function respond (line) {
  const { id, ...request } = JSON.parse(line)
  try {
    return { id, ok: true, result: await orCrash(() => calls[request.call](request)) }
  } catch (error) {
    return { id, ok: false, error: error.stack }
  }
}

;(async () => {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    process.stdout.write(`${JSON.stringify(await respond(line))}\n`)
  }
  process.exit(0) // a datastore that crashed may hold the process open
})()
