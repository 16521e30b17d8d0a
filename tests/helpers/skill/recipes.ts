import type { Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import { PROJECT } from '../peer.ts'
import { type Section, sectionsOf } from './parse.ts'
import { SkillStage } from './stage.ts'

export const SKILL = fs.readFileSync(path.join(PROJECT, 'SKILL.md'), 'utf-8')

/** Each section is in one file of tests: they take their time. */
const PARTS = {
  commands: ({ title }: Section) => !title.startsWith('Recipes /'),
  channels: ({ title }: Section) => title.startsWith('Recipes /') && !isOfSubnet(title),
  subnets: ({ title }: Section) => isOfSubnet(title)
}

function isOfSubnet(title: string): boolean {
  return /^Recipes \/ (?:Subnet|App|Moving|Backbone)/.test(title)
}

export async function runPart(t: Assertions, part: keyof typeof PARTS, only = ''): Promise<void> {
  const stage = await SkillStage.open(t)
  const sections = sectionsOf(SKILL).filter((section) => PARTS[part](section) && section.title.includes(only))
  t.ok(sections.length > 1, sections.map(({ title }) => title).join(', '))
  for (const section of sections) await stage.run(section)
}
