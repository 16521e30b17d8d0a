import { Contract } from 'intercom/app'
import { isOver, KEYS, MAX_ID, type Task } from './tasks.ts'

export const app = { name: 'task-board', version: '1' }

const MINUTE = 60_000
const YEAR = 365 * 24 * 60

const id = { type: 'number', integer: true, min: 0, max: MAX_ID }
const value = (fields: object) => ({ value: { $$strict: true, $$type: 'object', ...fields } })

interface NewTask {
  readonly title: string
  readonly details?: string | null
  readonly minutes?: number | null
}

interface Completed {
  readonly id: number
  readonly result?: string | null
}

/** Tasks that anybody may post and one may claim. Every check comes before the first write. */
export default class TaskBoard extends Contract {
  constructor(protocol: unknown, config: unknown = {}) {
    super(protocol, config)
    this.addSchema(
      'postTask',
      value({
        title: { type: 'string', min: 1, max: 140 },
        details: { type: 'string', max: 2000, optional: true },
        minutes: { type: 'number', integer: true, min: 1, max: YEAR, optional: true }
      })
    )
    this.addSchema('claimTask', value({ id }))
    this.addSchema('completeTask', value({ id, result: { type: 'string', max: 2000, optional: true } }))
    this.addSchema('expireTask', value({ id }))
    this.addSchema('time_entry', {
      key: { type: 'equal', value: KEYS.time, strict: true },
      value: { type: 'number', integer: true, min: 0, max: Number.MAX_SAFE_INTEGER }
    })
    this.addFeature('timer_feature', () => this.keepTime())
  }

  async postTask(): Promise<void> {
    const { title, details, minutes } = this.value as NewTask
    this.assert(title.trim() !== '', 'A task needs a title.')
    const now = await this.#now()
    this.assert(!minutes || now !== null, 'There is no time yet: the admin has to run the timer.')
    const id = ((await this.get(KEYS.count)) as number | null) ?? 0
    this.assert(id <= MAX_ID, 'The board is full.')
    const task: Task = {
      id,
      title,
      details: details ?? null,
      by: this.address as string,
      until: minutes ? (now as number) + minutes * MINUTE : null,
      status: 'open',
      claimer: null,
      result: null
    }
    await this.put(KEYS.task(id), task)
    await this.put(KEYS.open(id), title)
    await this.put(KEYS.count, id + 1)
  }

  async claimTask(): Promise<void> {
    const task = await this.#task()
    this.assert(task.status === 'open', `Task ${task.id} is ${task.status}.`)
    this.assert(!isOver(task, await this.#now()), `The time of task ${task.id} is over.`)
    const claimer = this.address as string
    await this.put(KEYS.task(task.id), { ...task, status: 'claimed', claimer })
    await this.put(KEYS.claimed(claimer, task.id), task.title)
    await this.del(KEYS.open(task.id))
  }

  async completeTask(): Promise<void> {
    const { result } = this.value as Completed
    const task = await this.#task()
    this.assert(task.status === 'claimed', `Task ${task.id} is ${task.status}.`)
    this.assert(task.claimer === this.address, `Task ${task.id} was claimed by somebody else.`)
    this.assert(!isOver(task, await this.#now()), `The time of task ${task.id} is over.`)
    await this.put(KEYS.task(task.id), { ...task, status: 'done', result: result ?? null })
    await this.del(KEYS.claimed(this.address as string, task.id))
  }

  /** A contract does nothing by itself: somebody has to say that a time is over. */
  async expireTask(): Promise<void> {
    const task = await this.#task()
    this.assert(isOver(task, await this.#now()), `The time of task ${task.id} is not over.`)
    await this.put(KEYS.task(task.id), { ...task, status: 'expired' })
    if (task.claimer === null) await this.del(KEYS.open(task.id))
    else await this.del(KEYS.claimed(task.claimer, task.id))
  }

  /** What the timer feature of the admin says. It never goes back, whatever that clock does. */
  async keepTime(): Promise<void> {
    if (!this.check.validateSchema('time_entry', this.op)) return
    const { value } = this.op as { readonly value: number }
    const before = await this.#now()
    if (before === null || value > before) await this.put(KEYS.time, value)
  }

  async #now(): Promise<number | null> {
    return (await this.get(KEYS.time)) as number | null
  }

  async #task(): Promise<Task> {
    const { id } = this.value as { readonly id: number }
    const task = (await this.get(KEYS.task(id))) as Task | null
    this.assert(task !== null, `There is no task ${id}.`)
    return task as Task
  }
}
