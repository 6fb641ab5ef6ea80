"""The methods of tokend by their bare names, with the messages that protoc has made for them."""

from dataclasses import dataclass

from grpc.health.v1 import health_pb2
from tokend.v1 import audit_pb2, member_pb2, operations_pb2, service_account_pb2, token_pb2, verification_pb2


@dataclass(frozen=True)
class Method:
    service: str
    name: str
    request: type
    response: type

    @property
    def audit_name(self):
        """As `auth.refused` names it: TokenService/CreateToken."""
        return self.service.split(".")[-1] + "/" + self.name


METHODS = {
    method.name: Method(
        service.full_name, method.name, getattr(module, method.input_type.name),
        getattr(module, method.output_type.name))
    for module in (
        audit_pb2, health_pb2, member_pb2, operations_pb2, service_account_pb2, token_pb2, verification_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}
