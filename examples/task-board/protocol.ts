import { type AppCommand, type Command, Protocol } from 'intercom/app'
import { isId, isOver, KEYS, type Task } from './tasks.ts'

const TYPES: ReadonlyMap<unknown, string> = new Map([
  ['post', 'postTask'],
  ['claim', 'claimTask'],
  ['done', 'completeTask'],
  ['expire', 'expireTask']
])

const LIST = { usual: 50, most: 100 } as const

const HELP = `Task board, each with /tx --command:
  "post <title>"            post a task
  "claim <id>"              claim it; the first one has it
  "done <id> [result]"      complete what you claimed
  "expire <id>"             take a task off whose time is over
  '{"op":"post","title":"…","details":"…","minutes":90}'   the same as JSON, with every field
Keys to list: app/tasks/all/ app/tasks/open/ app/tasks/claimed/<address>/`

/** The commands of the task board, in words or as JSON, and what programs may read. */
export default class TaskBoardProtocol extends Protocol {
  override readonly commands: Readonly<Record<string, AppCommand>> = {
    tasks: {
      help: 'Show the tasks, 50 from a number on.',
      example: '/tasks --from 0',
      run: ({ from }) => this.listTasks(Number(from ?? 0), LIST.usual)
    }
  }

  override mapTxCommand(command: string): Command | null {
    const json = this.safeJsonParse(command)
    const { op, ...value } = isObject(json) ? json : inWords(command)
    const type = TYPES.get(op)
    return type === undefined ? null : { type, value }
  }

  override async printOptions(): Promise<string> {
    return HELP
  }

  override async extendApi(): Promise<void> {
    this.api.getTask = (id: unknown) => this.getTask(id)
    this.api.listTasks = (from: unknown, limit: unknown) => this.listTasks(from, limit)
  }

  /** As it is confirmed, or null. */
  async getTask(id: unknown): Promise<Task | null> {
    return isId(id) ? this.#task(id, await this.getSigned(KEYS.time)) : null
  }

  /** Tasks by number, as many as there are from there on. */
  async listTasks(from: unknown, limit: unknown): Promise<{ total: number; tasks: Task[] }> {
    const total = ((await this.getSigned(KEYS.count)) as number | null) ?? 0
    const first = isId(from) ? from : 0
    const length = Math.min(isId(limit) ? limit : LIST.usual, LIST.most, Math.max(0, total - first))
    const now = await this.getSigned(KEYS.time)
    const tasks = await Promise.all(Array.from({ length }, (_, i) => this.#task(first + i, now)))
    return { total, tasks: tasks.filter((task) => task !== null) }
  }

  async #task(id: number, now: unknown): Promise<Task | null> {
    const task = (await this.getSigned(KEYS.task(id))) as Task | null
    return task !== null && isOver(task, now) ? { ...task, status: 'expired' } : task
  }
}

/** `done 3 some result` as the fields that JSON would have. */
function inWords(command: string): Readonly<Record<string, unknown>> {
  const [, op = '', rest = ''] = /^\s*(\w+)\s+([\s\S]*\S)\s*$/.exec(command) ?? []
  if (op === 'post') return { op, title: rest }
  const [, digits, result] = /^(\d{1,10})(?:\s+([\s\S]+))?$/.exec(rest) ?? []
  if (digits === undefined || (result !== undefined && op !== 'done')) return {}
  const id = Number(digits)
  return result === undefined ? { op, id } : { op, id, result }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
