export { checkDelivery, type DeliveryCheckOptions } from "./check-delivery.js";
