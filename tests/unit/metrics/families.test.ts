import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { DROP_REASONS } from '../../../src/base/reasons.ts'
import { BRIDGE_CODES } from '../../../src/bridge/codes.ts'
import { REQUESTS } from '../../../src/bridge/protocol.ts'
import { FAMILIES, FAMILY_NAMES, familySpec, mostSeries, ONE } from '../../../src/metrics/families.ts'
import { metricsMarkdown } from '../../../src/metrics/reference.ts'
import { PROJECT } from '../../helpers/peer.ts'

test('names say what they are: counters end in _total, everything is in base units', (t) => {
  for (const name of FAMILY_NAMES) {
    const { type, help } = familySpec(name)
    t.is(name.endsWith('_total'), type === 'counter', name)
    t.ok(/^[a-z][a-z0-9_]*$/.test(name), name)
    t.absent(/_(ms|milliseconds|minutes|kb|mb|percent)(_|$)/.test(name), name)
    t.absent(/_(bucket|sum|count)$/.test(name), `${name} is not what a histogram adds`)
    t.ok(/^[A-Z1].*\.$/.test(help) && !/[\n\\|]/.test(help), help)
  }
})

test('labels are lists with an end, and none is one of the format', (t) => {
  let all = 0
  for (const name of FAMILY_NAMES) {
    for (const [label, values] of Object.entries(familySpec(name).labels)) {
      t.ok(/^[a-z][a-z0-9_]*$/.test(label) && label !== 'le', `${name} ${label}`)
      if (values === ONE) continue
      t.ok(values.length > 0 && values.every((value) => /^[a-z0-9_]+$/.test(value)), `${name} ${label}`)
      t.is(new Set(values).size, values.length)
    }
    all += mostSeries(name)
  }
  t.ok(all < 1000, `${all} series at the very most`)
})

test('buckets rise', (t) => {
  for (const name of FAMILY_NAMES) {
    const { buckets } = familySpec(name)
    t.alike(
      buckets,
      [...new Set(buckets)].sort((a, b) => a - b),
      name
    )
    t.is(buckets.length > 0, familySpec(name).type === 'histogram', name)
  }
})

test('lists of others are taken from their tables', (t) => {
  t.alike(FAMILIES.sidechannel_dropped_total.labels.reason, Object.keys(DROP_REASONS) as never)
  t.alike(FAMILIES.bridge_requests_total.labels.type, Object.keys(REQUESTS) as never)
  t.alike(FAMILIES.bridge_requests_total.labels.code, ['ok', ...Object.keys(BRIDGE_CODES)] as never)
})

test('the reference names every family once', (t) => {
  const page = metricsMarkdown()
  for (const name of FAMILY_NAMES) t.is(page.split(`\`intercom_${name}\``).length, 2, name)
  t.absent(page.includes('undefined'))
})

test('panels and alerts ask for what there is', (t) => {
  const text = fs.readFileSync(path.join(PROJECT, 'docs', 'operations.md'), 'utf-8')
  const asked = [...text.matchAll(/intercom_([a-z0-9_]+)(?:\{([a-z_]+)(?:=~?)"([^"]+)"\})?/g)]
  t.ok(asked.length > 30, `${asked.length} of them`)
  for (const [whole, full = '', label, values = ''] of asked) {
    const name = FAMILY_NAMES.find((each) => each === full || `${each}_bucket` === full)
    if (name === undefined) t.fail(`${whole}: there is no such family`)
    else if (label !== undefined) {
      const known = familySpec(name).labels[label]
      for (const value of values.split('\\|')) t.ok(known?.includes(value), `${whole}: ${value}`)
    } else t.is(familySpec(name).type === 'histogram', full.endsWith('_bucket'), whole)
  }
})
