export { Feature, Feature as default } from './index.js'
