"""Namespaces of the wire, by the prefix the server uses."""

ENVELOPE_11 = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE_12 = "http://www.w3.org/2003/05/soap-envelope"
XSD = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SQL = "http://schemas.microsoft.com/sqlserver/2004/SOAP"
SQL_TYPES = "http://schemas.microsoft.com/sqlserver/2004/sqltypes"
SOAP_TYPES = f"{SQL}/types"
ROW_COUNT = f"{SOAP_TYPES}/SqlRowCount"
MESSAGE = f"{SOAP_TYPES}/SqlMessage"
RESULT_STREAM = f"{SOAP_TYPES}/SqlResultStream"
TRANSACTION = f"{SOAP_TYPES}/SqlTransaction"
MSDATA = "urn:schemas-microsoft-com:xml-msdata"
DIFFGRAM = "urn:schemas-microsoft-com:xml-diffgram-v1"


def row_set(number: int) -> str:
    return f"urn:schemas-microsoft-com:sql:SqlRowSet{number}"
