"""The wire: SQL types, procedures as SOAP methods, requests, answers, faults, WSDL."""
