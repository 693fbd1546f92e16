'use strict'
// Writes datafiles with the real library: inserts, updates, removals, indexes, restarts, compaction.
// A kind of document gives one datafile, or several when there are many documents.
const fs = require('node:fs')
const path = require('node:path')
const { call, chance, compact, open, withFixedChance } = require('./library.cjs')

const START = 1735689600000 // 2025-01-01
const DAY = 86400000
const BATCH = 500
const DOCUMENTS_PER_DATAFILE = 100000

const STRINGS = [
  '', ' ', '0', '7', '07', '1e3', 'true', 'null', '$set', 'a.b', '"', '\\', '\\u2028', '/', 'é', 'e\u0301', '中文', '👩‍👩‍👧', '𠮷野家',
  '\u0000', '\u0001\u001f', '\u007f', '\n', '\r\n', '\t', '\ufeff', '\ufffd', '\uffff', '\ue000', 'ﾠ', '\ud83d', '\ude00', '\ud83d\ud83d\ude00',
  '__proto__', 'constructor', '2025-01-01', '<!--', '{"$$deleted":true}'
]
const SEPARATORS = ['\u2028', '\u2029', '\u0085']
const NUMBERS = [
  0, -0, 1, -1, 0.1, -0.5, 1e-7, 1.5e-7, 123456789.125, 1e20, 1e21, -1e21, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 2 ** 31, 5e-324, 1.7976931348623157e308,
  0.1 + 0.2, 100, 1e5, NaN, Infinity, -Infinity
]
const DATES = [0, 1, -1, START, -62135596800001, 253402300800000, 8640000000000000, -8640000000000000, NaN]
const NAMES = ['a', 'b', 'c', '', '0', '1', '10', '01', '-1', 'é', '名', '😀', '\uff5e', 'a b', 'length', 'toString', 'A', '_', '"']
const CITIES = ['臺北', '新竹', '臺中', '臺南', '花蓮', 'Zürich', 'São Paulo']

// Small choices over one stream of random numbers.
function chooser (random) {
  const int = (low, high) => low + Math.floor(random() * (high - low + 1))
  const pick = list => list[int(0, list.length - 1)]
  const times = (count, make) => Array.from({ length: count }, (_, i) => make(i))
  return { random, int, pick, times, happens: odds => random() < odds, date: () => new Date(START - int(0, 900 * DAY)) }
}

function anything ({ int, pick, times, happens, random }, depth = 0) {
  const leaves = [
    () => pick(STRINGS), () => pick(STRINGS).repeat(int(1, 3)), () => String.fromCodePoint(int(1, 0x84)), () => pick(NUMBERS),
    () => int(-1e6, 1e6), () => (random() - 0.5) * 10 ** int(-30, 30), () => happens(0.5), () => null, () => undefined, () => new Date(pick(DATES))
  ]
  if (depth > 3 || happens(0.7)) return pick(leaves)()
  const inner = () => anything({ int, pick, times, happens, random }, depth + 1)
  if (happens(0.4)) return times(int(0, 4), inner)
  return Object.fromEntries(times(int(0, 4), () => [pick(NAMES), inner()]))
}

// Each kind: its indexes, how many documents are inserted at once, how one is made and changed, and
// whether the application may restart.
const kinds = {
  plain: {
    indexes: [{ fieldName: 'email', unique: true }, { fieldName: 'city' }, { fieldName: 'profile.age' }, { fieldName: 'joined' }],
    make: (c, number) => ({
      email: `member${number}.${c.int(0, 1e9).toString(36)}@example.org`,
      city: c.pick(CITIES),
      profile: { name: `會員${number}`, age: c.int(18, 80), note: '長期參加活動，喜歡認識新朋友。'.repeat(c.int(1, 8)), tags: c.times(c.int(0, 4), () => c.pick(CITIES)) },
      visits: c.times(c.int(0, 3), () => ({ at: c.date(), paid: c.int(0, 9999) / 4, ok: c.happens(0.8) })),
      joined: c.date()
    }),
    change: c => c.pick([{ $set: { city: c.pick(CITIES) } }, { $inc: { 'profile.age': 1 } }, { $push: { visits: { at: c.date(), paid: 0, ok: true } } }])
  },
  mixed: {
    indexes: [{ fieldName: 'a' }],
    make: c => Object.fromEntries(c.times(c.int(0, 6), () => [c.pick(NAMES), anything(c)])),
    change: c => c.pick([{ $set: { a: anything(c) } }, { $unset: { b: true } }, { $set: { 'c.a': anything(c) } }, { b: anything(c), a: anything(c) }])
  },
  indexed: {
    indexes: [
      { fieldName: 'tags' }, { fieldName: 'code', unique: true, sparse: true }, { fieldName: 'when', sparse: true },
      { fieldName: 'deep.key', unique: true }, { fieldName: 'expires', expireAfterSeconds: 4e9 }
    ],
    compound: { fieldName: ['deep.key', 'city'], unique: true },
    make: (c, number) => ({
      tags: c.times(c.int(0, 3), () => c.pick(['a', 'b', 1, '1', null, true])),
      ...(c.happens(0.5) && { code: c.pick([`c${number}`, number, [`x${number}`, `y${number}`]]) }),
      ...(c.happens(0.7) && { when: c.pick([c.date(), null, number, '2025']) }),
      deep: { key: c.pick([number, `${number}`, new Date(number), { n: number }]) },
      city: c.pick(CITIES),
      expires: c.date()
    }),
    change: c => c.pick([{ $addToSet: { tags: 'b' } }, { $set: { when: c.date() } }, { $unset: { code: true } }, { $pop: { tags: 1 } }, { $set: { 'deep.key': 1 } }])
  },
  identities: {
    indexes: [],
    sizes: [1, 1, 1, 2],
    make: (c, number) => {
      const id = Math.floor(number / 3)
      return { _id: c.pick([id, `${id}`, -number, number / 8, `編號${number}`, `${c.pick(STRINGS)}${number}`, number === 5, 'x'.repeat(c.int(1, 900)) + number]), n: number }
    },
    change: c => ({ $inc: { n: c.int(1, 9) } })
  },
  // What the library loses by itself at its next start: each is in the file, so there is no restart.
  lost: {
    indexes: [{ fieldName: 'n' }],
    sizes: [1, 1, 1, 2],
    neverRestarts: true,
    make: (c, number) => {
      if (number % 40 === 39) return { n: number, text: `一${c.pick(SEPARATORS)}二` } // two corrupt lines to the library
      if (number % 20 === 7) return { _id: c.pick(['', 0, false, null]), n: number }
      return { n: number, text: c.pick(STRINGS) }
    },
    change: c => ({ $set: { n: c.int(0, 99) } })
  }
}

// The library refuses some of it, such as a value that breaks a unique index; then nothing is written.
const unlessRefused = work => work.catch(() => [])

class Application {
  constructor (library, file, kind, { choose, clock }) {
    Object.assign(this, { library, file, kind, choose, clock, live: [] })
  }

  // A start of the application: the library loads and compacts, then every index is asked for again.
  async start () {
    this.db = await open(this.library, this.file, { timestampData: this.choose.happens(0.5) })
    const { indexes, compound } = this.kind
    const wanted = compound && this.db.compactDatafileAsync ? [...indexes, compound] : indexes
    for (const index of wanted) await call(this.db, 'ensureIndex', { ...index })
    this.live = this.db.getAllData().map(document => document._id)
  }

  // Some one by one, some together; those that come together are refused together.
  async insert (documents) {
    for (let from = 0, size; from < documents.length; from += size) {
      size = this.choose.pick(this.kind.sizes ?? [1, 1, 2, 40])
      const some = size === 1 ? documents[from] : documents.slice(from, from + size)
      const [inserted] = await unlessRefused(call(this.db, 'insert', some))
      for (const document of [inserted ?? []].flat()) this.live.push(document._id)
      this.clock.now += this.choose.int(1, 5000)
    }
  }

  async change () {
    const query = { _id: this.choose.pick(this.live) }
    await unlessRefused(call(this.db, 'update', query, this.kind.change(this.choose), {}))
  }

  async remove () {
    const [_id] = this.live.splice(this.choose.int(0, this.live.length - 1), 1)
    await call(this.db, 'remove', { _id }, {})
  }

  // One stretch of its life: some arrive, a fifth of as many change, a tenth go.
  async liveThrough (from, to) {
    const before = this.live.length
    await this.insert(this.choose.times(to - from, i => this.kind.make(this.choose, from + i)))
    const arrived = this.live.length - before
    for (let i = 0; i < arrived / 5; i += 1) await this.change()
    for (let i = 0; i < arrived / 10; i += 1) await this.remove()
    if (this.choose.happens(0.1)) await call(this.db, 'removeIndex', 'never made')
  }
}

async function writeDatafile (library, file, kind, { documents, choose, clock }) {
  if (fs.existsSync(file)) throw new Error(`${file} exists already`)
  const application = new Application(library, file, kind, { choose, clock })
  await application.start()
  const step = Math.min(BATCH, Math.max(1, Math.ceil(documents / 5)))
  for (let from = 0; from < documents; from += step) {
    await application.liveThrough(from, Math.min(documents, from + step))
    if (from < documents / 2 && documents / 2 <= from + step && !kind.neverRestarts) {
      await application.start()
      if (choose.happens(0.3)) await compact(application.db)
    }
  }
  return { path: file, documents: application.live.length }
}

async function generate (library, { folder, seed, documents, kinds: names }) {
  const made = []
  for (const name of names) {
    const random = chance(seed * 31 + Object.keys(kinds).indexOf(name))
    const parts = Math.ceil(documents / DOCUMENTS_PER_DATAFILE)
    for (let part = 0; part < parts; part += 1) {
      const file = path.join(folder, parts > 1 ? `${name}-${part + 1}.db` : `${name}.db`)
      made.push(await withFixedChance(library, { now: START, random }, clock => writeDatafile(library, file, kinds[name], {
        documents: Math.min(DOCUMENTS_PER_DATAFILE, documents - part * DOCUMENTS_PER_DATAFILE), choose: chooser(random), clock
      })))
    }
  }
  return made
}

module.exports = { generate }
